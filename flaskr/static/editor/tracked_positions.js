// Tracks positions in a field's text while the author goes on writing.

/** Return a function that tracks a position. Its result has `at`, the position now, and `stop()`. */
export function trackPositions(field) {
  const tracked = new Set();
  let text;

  field.onChange(() => {
    if (!tracked.size) return;
    const before = text;
    text = field.text;
    const [start, end] = changedRange(before, text);
    const grown = text.length - before.length;
    for (const position of tracked) {
      if (position.at > start) position.at = Math.max(end, position.at) + grown;
    }
  });

  return (at) => {
    text = field.text;
    const position = { at, stop: () => tracked.delete(position) };
    tracked.add(position);
    return position;
  };
}

/** Return the range of the old text that differs from the new one. */
function changedRange(before, after) {
  const length = Math.min(before.length, after.length);
  let start = 0;
  while (start < length && before[start] === after[start]) start++;
  let same = 0;
  while (same < length - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return [start, before.length - same];
}
