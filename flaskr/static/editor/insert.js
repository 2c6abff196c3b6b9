// Inserts text into a field so that the browser can undo it.

/** Replace the text in a range, then select a part of the new text, or place the caret at its end. */
export function insert(field, text, from, to, [start, end] = [text.length, text.length]) {
  field.focus();
  field.setSelectionRange(from, to);
  const done = text
    ? document.execCommand("insertText", false, text)
    : from === to || document.execCommand("delete");
  if (!done) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  field.setSelectionRange(from + start, from + end);
}

export function selected(field) {
  return field.value.slice(field.selectionStart, field.selectionEnd);
}
