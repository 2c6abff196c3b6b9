// Places Markdown blocks between the lines of a text.

/**
 * Return the change that inserts a block after the line at a position, or in its place if the line
 * is blank. Blank lines separate the block from its neighbors. `start` is the offset of the block
 * in the new text, and `caret` that of the line below it.
 */
export function surroundWithBlankLines(text, position, block) {
  const lineStart = position && text.lastIndexOf("\n", position - 1) + 1;
  const newline = text.indexOf("\n", position);
  const end = newline < 0 ? text.length : newline;
  const isBlank = !text.slice(lineStart, end).trim();
  const from = isBlank ? lineStart : end;
  const before = text.slice(0, from);
  const lead = !before.trim() || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  // If text follows directly, the caret's line needs a blank line below it.
  const tail = /^\n[^\n]/.test(text.slice(end)) ? "\n" : "";
  const start = lead.length;
  return { from, to: end, text: `${lead}${block}\n\n${tail}`, start, caret: start + block.length + 2 };
}
