// Continues a list or quote when Enter is pressed in it, and ends it at an empty item.

import { syntaxTree } from "../vendor/codemirror/codemirror.js";

const ITEM = /^(\s*(?:>\s?)*\s*)(?:(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?)?/;

export function continueList({ state, dispatch }) {
  const { from, to, empty } = state.selection.main;
  const line = state.doc.lineAt(from);
  const item = line.text.match(ITEM);
  const [mark, space] = item;
  if (!empty || !(isItem(item) || space.includes(">")) || from < line.from + mark.length || isCode(state, from)) return false;
  const change = line.text.slice(mark.length).trim()
    ? { from, to, insert: `\n${markAfter(item)}` }
    : { from: line.from, to: line.to, insert: markOutside(state.doc, line.number, space) };
  dispatch(
    state.update({
      changes: change,
      selection: { anchor: change.from + change.insert.length },
      scrollIntoView: true,
      userEvent: "input",
    }),
  );
  return true;
}

function isItem([, , bullet, number]) {
  return Boolean(bullet || number);
}

/** Return the beginning of the line after an item or a line of a quote. */
function markAfter(item) {
  const [, space, bullet, number, dot, gap, box] = item;
  if (!isItem(item)) return space;
  return `${space}${bullet ?? `${Number(number) + 1}${dot}`}${gap}${box ? "[ ] " : ""}`;
}

/** Return what replaces an empty item: an item of the outer list, or a blank line if one is needed. */
function markOutside(doc, number, space) {
  for (let above = number - 1; space && above > 0; above--) {
    const { text } = doc.line(above);
    const item = text.match(ITEM);
    if (!text.trim() || item[1].length >= space.length) continue;
    if (isItem(item) && item[1].trim() === space.trim()) return markAfter(item);
    break;
  }
  // Without a blank line, the next paragraph would belong to the last item.
  return number > 1 && doc.line(number - 1).text.trim() ? "\n" : "";
}

function isCode(state, position) {
  for (let node = syntaxTree(state).resolveInner(position, -1); node; node = node.parent) {
    if (/Code/.test(node.name)) return true;
  }
  return false;
}
