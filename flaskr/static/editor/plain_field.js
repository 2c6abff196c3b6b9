// The field of a plain textarea, for browsers in which the text field cannot be loaded.

import { insert, selected } from "./insert.js";
import { surroundWithBlankLines } from "./blocks.js";

export function createPlainField(textarea) {
  const field = {
    dom: textarea,
    get text() {
      return textarea.value;
    },
    get selection() {
      return { from: textarea.selectionStart, to: textarea.selectionEnd };
    },
    get selectedText() {
      return selected(textarea);
    },
    focus: () => textarea.focus(),
    onChange: (listener) => textarea.addEventListener("input", listener),
    replace: (from, to, text, { select } = {}) => insert(textarea, text, from, to, select),
    insertBlock(block, { select } = {}) {
      const { from, to, text, start, caret } = surroundWithBlankLines(field.text, field.selection.to, block);
      insert(textarea, text, from, to, select ? select.map((offset) => start + offset) : [caret, caret]);
    },
    applyRemoteText(oldText, newText) {
      if (field.text === oldText) insert(textarea, newText, 0, oldText.length);
    },
  };
  return field;
}
