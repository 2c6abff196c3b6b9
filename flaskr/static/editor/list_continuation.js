// Continues a list or quote when Enter is pressed in it, and ends it at an empty item.

import { syntaxTree } from "../vendor/codemirror/codemirror.js";

const ITEM = /^(\s*(?:>\s?)*\s*)(?:(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?)?/;

export function continueList({ state, dispatch }) {
  const { from, to, empty } = state.selection.main;
  const line = state.doc.lineAt(from);
  const [mark, space, bullet, number, dot, gap, box] = line.text.match(ITEM);
  const isItem = bullet || number;
  if (!empty || !(isItem || space.includes(">")) || from < line.from + mark.length || isCode(state, from)) return false;
  const change = line.text.slice(mark.length).trim()
    ? { from, to, insert: `\n${space}${isItem ? `${bullet ?? `${Number(number) + 1}${dot}`}${gap}` : ""}${box ? "[ ] " : ""}` }
    : { from: line.from, to: line.to };
  dispatch(
    state.update({
      changes: change,
      selection: { anchor: change.from + (change.insert?.length ?? 0) },
      scrollIntoView: true,
      userEvent: "input",
    }),
  );
  return true;
}

function isCode(state, position) {
  for (let node = syntaxTree(state).resolveInner(position, -1); node; node = node.parent) {
    if (/Code/.test(node.name)) return true;
  }
  return false;
}
