// Aligns the columns of a table with space that is not part of the text.

import { Decoration, WidgetType } from "../vendor/codemirror/codemirror.js";

const MAX_ROWS = 300;
const PIPE = /(?<!\\)\|/g;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;
const COMBINING = /[\p{Mn}\p{Me}\p{Cf}]/gu;

/** Return the decorations that align a table, or none if it does not fit into the field. */
export function alignTable(view, { from, to }) {
  const { doc } = view.state;
  const [first, last] = [doc.lineAt(from).number, doc.lineAt(to).number];
  if (last - first > MAX_ROWS) return [];
  const rows = [];
  for (let number = first; number <= last; number++) rows.push(cellsOf(doc.line(number)));
  const widths = [];
  for (const cells of rows) {
    cells.forEach(({ width }, column) => (widths[column] = Math.max(widths[column] ?? 0, width)));
  }
  const isRight = cellsOf(doc.line(Math.min(first + 1, last))).map(({ text }) => /^\s*-+:\s*$/.test(text));
  const total = widths.reduce((sum, width) => sum + width + 1, 0);
  // The width is 0 before the first layout.
  const { clientWidth } = view.contentDOM;
  if (clientWidth && total * view.defaultCharacterWidth * 1.1 > clientWidth) return [];
  return rows.flatMap((cells) =>
    cells
      .filter(({ isClosed, width }, column) => isClosed && width < widths[column])
      .map(({ start, end, width, column }) => space(widths[column] - width).range(isRight[column] ? start : end)),
  );
}

/** Return the cells of a line with their width in characters. Text before a first pipe is none. */
function cellsOf(line) {
  const pipes = [...line.text.matchAll(PIPE)].map(({ index }) => index);
  let from = line.text.match(/^\s*\|/)?.[0].length ?? 0;
  const ends = [...pipes.filter((index) => index >= from), line.text.length];
  return ends.map((end, column) => {
    const text = line.text.slice(from, end);
    const start = line.from + from;
    from = end + 1;
    return { column, text, start, end: line.from + end, width: widthOf(text), isClosed: end < line.text.length };
  });
}

function widthOf(text) {
  const plain = text.replace(COMBINING, "");
  return [...plain].length + (plain.match(WIDE)?.length ?? 0);
}

class Space extends WidgetType {
  constructor(width) {
    super();
    this.width = width;
  }

  eq(other) {
    return other.width === this.width;
  }

  toDOM() {
    const element = document.createElement("span");
    element.className = "cm-space";
    element.style.width = `${this.width}ch`;
    return element;
  }
}

function space(width) {
  return Decoration.widget({ widget: new Space(width), side: 1 });
}
