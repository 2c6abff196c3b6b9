// Suggests names, such as existing tags, while the author types them separated by commas. Follows the
// ARIA combobox pattern.

import { insert } from "./insert.js";

const MAX_OPTIONS = 8;

/** Suggest names in a field. The label says which, as in “tags”. */
export function completeNames(field, names, label) {
  const list = Object.assign(document.createElement("ul"), { id: `${field.id}-list`, className: "suggestions", hidden: true });
  const count = Object.assign(document.createElement("p"), { className: "unseen" });
  let active = -1;

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `Suggested ${label}`);
  count.setAttribute("role", "status");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.after(list, count);

  function suggest() {
    const typed = normalize(wordAt(field).word);
    const chosen = field.value.split(",").map(normalize);
    const found = names.filter((name) => normalize(name).includes(typed) && !chosen.includes(normalize(name)));
    // Tags that start with the typed text come first. The sort keeps the order by use otherwise.
    found.sort((one, other) => normalize(other).startsWith(typed) - normalize(one).startsWith(typed));
    show(typed ? found.slice(0, MAX_OPTIONS) : []);
  }

  function show(found) {
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    count.textContent = found.length ? `${found.length} ${label}. Use the arrow keys to choose.` : "";
    activate(-1);
  }

  function option(name, at) {
    const item = Object.assign(document.createElement("li"), { id: `${field.id}-option-${at}`, textContent: name, dir: "auto" });
    item.setAttribute("role", "option");
    // Keep the focus in the field.
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(name));
    return item;
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function choose(name) {
    const { start, end } = wordAt(field);
    const rest = field.value.slice(end);
    insert(field, `${start ? " " : ""}${name}${rest ? "" : ", "}`, start, end);
    show([]);
  }

  const keys = {
    ArrowDown: () => activate((active + 1) % list.children.length),
    ArrowUp: () => activate((active < 1 ? list.children.length : active) - 1),
    Escape: () => show([]),
    Enter: () => active >= 0 && choose(list.children[active].textContent),
  };

  field.addEventListener("input", suggest);
  field.addEventListener("blur", () => show([]));
  field.addEventListener("keydown", (event) => {
    if (list.hidden || !(event.key in keys) || event.isComposing) return;
    if (event.key === "Enter" && active < 0) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** Return the comma-separated word at the caret, with its range. */
function wordAt(field) {
  const { value, selectionStart } = field;
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const comma = value.indexOf(",", selectionStart);
  const end = comma < 0 ? value.length : comma;
  return { word: value.slice(start, end), start, end };
}

/** Return text without case and accents, for comparison. */
function normalize(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();
}
