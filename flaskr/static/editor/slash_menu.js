// A menu of blocks that opens when "/" is typed at the start of a line, following the ARIA listbox
// pattern. The focus stays in the text.

import { EditorView } from "../vendor/codemirror/codemirror.js";
import { ACTIONS } from "./actions.js";
import { keyName } from "./key_names.js";

const QUERY = /^\s*\/([\p{L}\p{N} ]{0,20})$/u;
const COMMANDS = ACTIONS.filter(({ words }) => words);
const GAP = 6;

export function addSlashMenu(field) {
  const { view } = field;
  const list = Object.assign(document.createElement("ul"), { id: "slash-menu", className: "slash-menu suggestions", hidden: true });
  const count = Object.assign(document.createElement("p"), { className: "unseen" });
  let active = 0;
  let shown = [];

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Insert");
  // The list scrolls.
  list.tabIndex = 0;
  count.setAttribute("role", "status");
  list.addEventListener("mousedown", (event) => event.preventDefault());
  view.dom.append(list, count);

  function update({ docChanged, selectionSet, transactions, view: { composing } }) {
    if (!docChanged && !selectionSet) return;
    const query = composing ? null : queryAtCaret(view.state);
    const isTyped = transactions.some((transaction) => transaction.isUserEvent("input.type") || transaction.isUserEvent("delete"));
    if (query === null || (list.hidden && !(isTyped && query.isNew))) close();
    else show(matches(query.words));
  }

  function show(commands) {
    if (!commands.length) return close();
    shown = commands;
    list.replaceChildren(...commands.map(option));
    list.hidden = false;
    list.style.maxHeight = "";
    count.textContent = `${commands.length === 1 ? "1 block" : `${commands.length} blocks`}. Use the arrow keys to choose.`;
    view.contentDOM.setAttribute("aria-controls", list.id);
    activate(0);
    view.requestMeasure({ key: list, read: () => view.coordsAtPos(view.state.selection.main.head), write: place });
  }

  function close() {
    if (list.hidden) return;
    list.hidden = true;
    count.textContent = "";
    view.contentDOM.removeAttribute("aria-controls");
    view.contentDOM.removeAttribute("aria-activedescendant");
  }

  function option({ label, key }, at) {
    const item = Object.assign(document.createElement("li"), { id: `slash-option-${at}`, textContent: label });
    item.setAttribute("role", "option");
    if (key) item.append(Object.assign(document.createElement("kbd"), { textContent: keyName(key) }));
    item.addEventListener("click", () => choose(at));
    return item;
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    scrollTo(list.children[at]);
    view.contentDOM.setAttribute("aria-activedescendant", list.children[at].id);
  }

  /** Scroll the list, but not the page, to an option. */
  function scrollTo({ offsetTop, offsetHeight }) {
    list.scrollTop = Math.min(Math.max(list.scrollTop, offsetTop + offsetHeight + GAP - list.clientHeight), offsetTop - GAP);
  }

  /** Place the menu below the caret, or above it if there is more room, between the bars. */
  function place(caret) {
    if (!caret) return close();
    const frame = view.dom.getBoundingClientRect();
    const bars = [...document.querySelectorAll(".bar, .toolbar")].map((bar) => bar.getBoundingClientRect());
    const above = caret.top - GAP - Math.max(0, ...bars.map(({ bottom }) => bottom).filter((bottom) => bottom <= caret.top));
    const below = Math.min(innerHeight, ...bars.map(({ top }) => top).filter((top) => top >= caret.bottom)) - caret.bottom - GAP;
    const isAbove = below < list.offsetHeight && above > below;
    list.style.maxHeight = `${Math.min(list.offsetHeight, isAbove ? above : below)}px`;
    list.style.top = `${(isAbove ? caret.top - list.offsetHeight - GAP : caret.bottom + GAP) - frame.top}px`;
    list.style.left = `${Math.min(Math.max(0, caret.left - frame.left), frame.width - list.offsetWidth)}px`;
  }

  function choose(at) {
    const { run } = shown[at];
    const line = view.state.doc.lineAt(view.state.selection.main.head);
    close();
    view.dispatch({ changes: { from: line.from, to: line.to }, userEvent: "delete" });
    view.focus();
    run(view);
  }

  const keys = {
    ArrowDown: () => activate((active + 1) % shown.length),
    ArrowUp: () => activate((active || shown.length) - 1),
    Enter: () => choose(active),
    Tab: () => choose(active),
    Escape: close,
  };

  view.dom.addEventListener(
    "keydown",
    (event) => {
      const { key, isComposing, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (list.hidden || !(key in keys) || isComposing || ctrlKey || metaKey || altKey || shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      keys[key]();
    },
    { capture: true },
  );
  view.contentDOM.addEventListener("blur", close);
  field.extend(EditorView.updateListener.of(update));
}

/** Return the words after a "/" that starts the line and ends at the caret, or null. */
function queryAtCaret({ doc, selection: { main } }) {
  const line = doc.lineAt(main.head);
  const query = main.empty && main.head === line.to ? line.text.match(QUERY) : null;
  return query && { words: query[1].trim().toLowerCase(), isNew: !query[1] };
}

function matches(words) {
  const found = COMMANDS.filter(({ label, words: others }) => ` ${label} ${others}`.toLowerCase().includes(` ${words}`));
  return words ? found : COMMANDS;
}
