// Lists all shortcuts in a dialog.

import { ACTIONS } from "./actions.js";
import { keyName } from "./key_names.js";

const OTHERS = [
  ["Mod-s", "Save"],
  ["Mod-,", "Post settings"],
  ["Mod-/", "Keyboard shortcuts"],
  ["Mod-z", "Undo"],
  ["Mod-Shift-z", "Redo"],
  ["Alt-F10", "Go to the toolbar"],
  ["Mod-Shift-v", "Paste without formatting"],
];
let dialog;

export function showShortcuts() {
  dialog ??= buildDialog();
  if (!dialog.open) dialog.showModal();
  // The button that gets the focus is at the end.
  dialog.scrollTop = 0;
}

function buildDialog() {
  const element = Object.assign(document.createElement("dialog"), { className: "shortcuts" });
  const title = Object.assign(document.createElement("h2"), { id: "shortcuts-title", textContent: "Keyboard shortcuts" });
  const close = Object.assign(document.createElement("button"), { textContent: "Close", type: "button" });
  const list = document.createElement("dl");
  const rows = [...ACTIONS.filter(({ key }) => key).map(({ key, label }) => [key, label]), ...OTHERS];
  list.append(...rows.map(row));
  element.setAttribute("aria-labelledby", title.id);
  close.addEventListener("click", () => element.close());
  // A click on the backdrop has the dialog itself as its target.
  element.addEventListener("click", ({ target }) => target === element && element.close());
  const content = document.createElement("div");
  content.append(title, list, close);
  element.append(content);
  document.body.append(element);
  return element;
}

function row([key, label]) {
  const group = document.createElement("div");
  const keys = Object.assign(document.createElement("kbd"), { textContent: keyName(key) });
  const term = Object.assign(document.createElement("dt"), { textContent: label });
  const value = document.createElement("dd");
  value.append(keys);
  group.append(term, value);
  return group;
}
