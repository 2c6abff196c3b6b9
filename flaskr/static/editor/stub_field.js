// The field's interface over the plain textarea, until there is the text field.

import { insert, selected } from "./insert.js";

export function stubField(form, textarea) {
  const ask = (name) => form.dispatchEvent(new CustomEvent(`flaskr:${name}`));
  form.addEventListener("keydown", (event) => {
    const name = { ",": "open-settings", k: "insert-link" }[event.key];
    if (!name || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(name);
  }, true);
  return {
    dom: textarea,
    get text() { return textarea.value; },
    get selection() { return { from: textarea.selectionStart, to: textarea.selectionEnd }; },
    get selectedText() { return selected(textarea); },
    focus: () => textarea.focus(),
    onChange: (listener) => textarea.addEventListener("input", listener),
    replace: (from, to, text, { select } = {}) => insert(textarea, text, from, to, select),
  };
}
