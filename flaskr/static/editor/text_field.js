// A stand-in over the plain textarea, with the interface of the text field.

export function createTextField(textarea) {
  return {
    dom: textarea,
    get text() {
      return textarea.value;
    },
    get selection() {
      return { from: textarea.selectionStart, to: textarea.selectionEnd };
    },
    onChange: (callback) => textarea.addEventListener("input", callback),
    focus: () => textarea.focus(),
    applyRemoteText(oldText, newText) {
      const { value } = textarea;
      let start = 0;
      while (start < oldText.length && oldText[start] === newText[start]) start++;
      let end = 0;
      const limit = Math.min(oldText.length, newText.length) - start;
      while (end < limit && oldText.at(-1 - end) === newText.at(-1 - end)) end++;
      // What was typed since is at one side of the change, or the change is dropped.
      const offset = value.startsWith(oldText.slice(0, oldText.length - end)) ? 0 : value.length - oldText.length;
      textarea.setRangeText(
        newText.slice(start, newText.length - end),
        start + offset,
        oldText.length - end + offset,
        "preserve",
      );
      textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
    },
  };
}
