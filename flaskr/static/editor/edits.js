// Changes of the text that can be undone in one step.

import { isolateHistory, syntaxTree } from "../vendor/codemirror/codemirror.js";
import { surroundWithBlankLines } from "./blocks.js";

/** Replace a range, then select a part of the new text, or place the caret at its end. */
export function replaceRange(view, from, to, text, { select, scrollIntoView = false } = {}) {
  const insert = text.replace(/\r\n?/g, "\n");
  const [anchor, head] = select ?? [insert.length, insert.length];
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + anchor, head: from + head },
    annotations: isolateHistory.of("full"),
    userEvent: "input.complete",
    scrollIntoView,
  });
}

/** Insert Markdown on lines of its own, and place the caret on a new line below it. */
export function insertBlock(view, block, { select, scrollIntoView } = {}) {
  const { doc, selection } = view.state;
  const { from, to, text, start, caret } = surroundWithBlankLines(doc.toString(), selection.main.to, block);
  const selected = select ? select.map((offset) => start + offset) : [caret, caret];
  replaceRange(view, from, to, text, { select: selected, scrollIntoView });
}

/** Return the innermost node at a range for which the test is true, or null. */
export function findNode(state, from, to, test) {
  for (const side of [1, -1]) {
    let node = syntaxTree(state).resolveInner(from, side);
    while (node && !(node.to >= to && test(node))) node = node.parent;
    if (node) return node;
  }
  return null;
}
