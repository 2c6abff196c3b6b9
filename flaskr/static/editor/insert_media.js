// Inserts files into the text where they were pasted or dropped, however long the upload takes.

import { askForAlt } from "./alt_text.js";
import { trackPositions } from "./tracked_positions.js";

/**
 * Return a function that reserves a place in the text. Its result inserts the files there, each on
 * a line of its own. The caret moves behind them unless the author has gone on writing.
 */
export function mediaPlaces(form, field) {
  const track = trackPositions(field);
  const pending = new Set();

  return (at = field.selection.to) => {
    const place = track(at);
    pending.add(place);
    return (media) => {
      place.stop();
      // Files that were added later at the same place go behind these.
      const later = [...pending].slice([...pending].indexOf(place) + 1);
      pending.delete(place);
      if (!media.length) return;
      const { text } = field;
      const end = endOfLine(text, place.at);
      const behind = later.filter((other) => other.at >= place.at && other.at <= end);
      const caret = insertBlock(field, place.at, end, media.map(({ markdown }) => markdown).join("\n\n"));
      for (const other of behind) other.at = caret;
      for (const medium of media) askForAlt(form, field, medium);
    };
  };
}

function endOfLine(text, at) {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** Insert a block behind a line, and return the position of the empty line below it. */
function insertBlock(field, at, end, block) {
  const before = field.text.slice(0, end);
  const newlines = before.trim() ? 2 - Math.min(2, before.match(/\n*$/)[0].length) : 0;
  const { from, to } = field.selection;
  const isCaretHere = from === to && to === at;
  const after = isCaretHere ? 2 : 2 - Math.min(2, field.text.slice(end).match(/^\n*/)[0].length);
  const inserted = `${"\n".repeat(newlines)}${block}${"\n".repeat(after)}`;
  const shift = (position) => position - end + (position > end ? inserted.length : 0);
  field.replace(end, end, inserted, { select: isCaretHere ? undefined : [shift(from), shift(to)], scrollIntoView: isCaretHere });
  return end + inserted.length;
}
