// Focus mode: everything but the paragraph at the caret steps back.

import { Decoration, ViewPlugin } from "../vendor/codemirror/codemirror.js";

const NAME = "focus-mode";
const here = Decoration.line({ class: "cm-here" });

/** Switch focus mode on or off, and remember the choice in this browser. */
export function toggleFocusMode() {
  const isOn = document.body.classList.toggle(NAME);
  try {
    localStorage.setItem(NAME, isOn ? "on" : "off");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  return true;
}

export function restoreFocusMode() {
  try {
    document.body.classList.toggle(NAME, localStorage.getItem(NAME) === "on");
  } catch {
    // Without storage it is off.
  }
}

/** Return the extension that marks the lines of the paragraph at the caret. */
export function paragraphAtCaret() {
  return ViewPlugin.fromClass(
    class {
      constructor(view) {
        this.decorations = decorate(view);
      }

      update({ docChanged, selectionSet, view }) {
        if (docChanged || selectionSet) this.decorations = decorate(view);
      }
    },
    { decorations: (value) => value.decorations },
  );
}

const MAX_LINES = 200;

function decorate({ state: { doc, selection } }) {
  const caret = doc.lineAt(selection.main.head).number;
  const isText = (number) => number > 0 && number <= doc.lines && Math.abs(number - caret) < MAX_LINES && doc.line(number).text.trim();
  let [first, last] = [caret, caret];
  while (isText(caret) && isText(first - 1)) first--;
  while (isText(caret) && isText(last + 1)) last++;
  const lines = [];
  for (let number = first; number <= last; number++) lines.push(here.range(doc.line(number).from));
  return Decoration.set(lines);
}
