// The formatting toolbar, following the ARIA toolbar pattern: Tab reaches one button, and the arrow
// keys the others.

import { EditorView } from "../vendor/codemirror/codemirror.js";
import { actionsByName } from "./actions.js";
import { restoreFocusMode } from "./focus_mode.js";
import { keyName } from "./key_names.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

const STATES = { null: "aria-pressed", menuitemcheckbox: "aria-checked" };

export function addToolbar(field, bar) {
  const { view } = field;
  const more = bar.querySelector("[data-more]");
  const menu = bar.querySelector("[data-menu]");
  const buttons = [...bar.querySelectorAll("[data-action]")];
  const visible = (list) => list.filter((button) => button.getClientRects().length);
  const inBar = () => visible([...bar.querySelectorAll(":scope > button")]);
  const inMenu = () => visible([...menu.querySelectorAll("button")]);

  bar.dataset.ready = "";
  for (const button of buttons) describe(button);
  bar.querySelectorAll("button").forEach((button) => {
    button.tabIndex = -1;
    // The selection stays in the text.
    button.addEventListener("mousedown", (event) => event.preventDefault());
  });
  inBar()[0].tabIndex = 0;

  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button === more) return setOpen(menu.hidden);
    setOpen(false);
    if (!button.dataset.action) return;
    view.focus();
    actionsByName[button.dataset.action].run(view);
    showState();
  });

  bar.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (key === "Escape") {
      event.preventDefault();
      if (menu.hidden) field.focus();
      else setOpen(false, more);
      return;
    }
    const list = menu.contains(document.activeElement) ? inMenu() : inBar();
    const next = key === "Home" ? 0 : key === "End" ? list.length - 1 : list.indexOf(document.activeElement) + STEPS[key];
    if (Number.isNaN(next)) return;
    event.preventDefault();
    if (document.activeElement === more && key === "ArrowDown") setOpen(true);
    else moveTo(list[(next + list.length) % list.length]);
  });

  bar.addEventListener("focusout", ({ relatedTarget }) => !bar.contains(relatedTarget) && setOpen(false));
  document.addEventListener("pointerdown", ({ target }) => !bar.contains(target) && setOpen(false));
  // A click on the button leaves the focus in the text.
  document.addEventListener("keydown", ({ key, target }) => key === "Escape" && !bar.contains(target) && setOpen(false));
  field.dom.closest("form").addEventListener("keydown", (event) => {
    if (event.key !== "F10" || !event.altKey) return;
    event.preventDefault();
    bar.querySelector(":scope > [tabindex='0']").focus();
  });

  function setOpen(isOpen, focused) {
    if (menu.hidden !== isOpen) return;
    menu.hidden = !isOpen;
    more.setAttribute("aria-expanded", String(isOpen));
    // Tab reaches an open menu, which may have to be scrolled.
    if (isOpen) inMenu()[0].tabIndex = 0;
    if (isOpen && bar.contains(document.activeElement)) inMenu()[0].focus();
    else focused?.focus();
  }

  function moveTo(button) {
    if (!menu.contains(button)) {
      for (const other of inBar()) other.tabIndex = other === button ? 0 : -1;
    }
    button.focus();
  }

  function showState() {
    for (const button of buttons) {
      const { isOn } = actionsByName[button.dataset.action];
      const state = STATES[button.getAttribute("role")];
      if (isOn && state) button.setAttribute(state, String(isOn(view.state)));
    }
  }

  let frame;
  field.extend(
    EditorView.updateListener.of(({ docChanged, selectionSet }) => {
      if ((docChanged || selectionSet) && !frame) {
        frame = requestIdle(() => {
          frame = null;
          showState();
        });
      }
    }),
  );
  keepAboveKeyboard(bar);
  restoreFocusMode();
  showState();
}

function requestIdle(callback) {
  return "requestIdleCallback" in window ? requestIdleCallback(callback, { timeout: 200 }) : setTimeout(callback, 50);
}

function describe(button) {
  const { label, key } = actionsByName[button.dataset.action];
  if (!key) return;
  const name = keyName(key);
  if (button.hasAttribute("role")) {
    button.append(Object.assign(document.createElement("kbd"), { textContent: name }));
  } else button.title = `${label} (${name})`;
}

/** Move the bar above the keyboard in browsers that lay the keyboard over the page. */
function keepAboveKeyboard(bar) {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const place = () => {
    const covered = viewport.scale === 1 ? innerHeight - viewport.height - viewport.offsetTop : 0;
    bar.style.setProperty("--keyboard", `${Math.max(0, Math.round(covered))}px`);
  };
  viewport.addEventListener("resize", place);
  viewport.addEventListener("scroll", place);
}
