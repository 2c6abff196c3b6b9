// Ctrl or ⌘ and a key: B is bold, I is italic, K inserts a link, ] and [ indent. Tab is not
// used, because it moves to the next field.

import { insert, selected } from "./insert.js";

const URL_PATTERN = /^https?:\/\/\S+$/;
const INDENT = "  ";
const BODY_KEYS = {
  b: (body) => wrap(body, "**"),
  i: (body) => wrap(body, "*"),
  k: link,
  "]": (body) => indent(body, (line) => (line ? INDENT + line : line)),
  "[": (body) => indent(body, (line) => line.replace(/^( {1,2}|\t)/, "")),
};

export function addShortcuts(form) {
  const body = form.querySelector("[data-body]");
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (event.target === body && !event.shiftKey && BODY_KEYS[key]) {
      event.preventDefault();
      BODY_KEYS[key](body);
    }
  });
  form.querySelector("[data-title]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    body.focus();
    body.setSelectionRange(0, 0);
  });
}

function wrap(body, mark) {
  const { selectionStart: from, selectionEnd: to, value } = body;
  const text = selected(body);
  const inside = [from - mark.length, to + mark.length];
  if (isMarked(value, from, to, mark)) {
    insert(body, text, ...inside, [0, text.length]);
  } else {
    insert(body, mark + text + mark, from, to, [mark.length, mark.length + text.length]);
  }
}

function isMarked(value, from, to, mark) {
  const star = mark[0];
  const before = value.slice(0, from).match(/\**$/)[0].length;
  const after = value.slice(to).match(/^\**/)[0].length;
  // Of two stars neither marks italics; of three, one does.
  const fits = (count) => count >= mark.length && (mark.length === 2 || count % 2 === 1);
  return star === "*" && fits(before) && fits(after);
}

function link(body) {
  const { selectionStart: from, selectionEnd: to } = body;
  const text = selected(body);
  if (URL_PATTERN.test(text)) insert(body, `[](${text})`, from, to, [1, 1]);
  else insert(body, `[${text}](https://)`, from, to, [text.length + 3, text.length + 11]);
}

function indent(body, change) {
  const { selectionStart, selectionEnd, value } = body;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(from, selectionEnd - (selectionEnd > selectionStart)));
  const to = end < 0 ? value.length : end;
  const lines = value.slice(from, to).split("\n");
  const changed = lines.map(change).join("\n");
  if (changed === value.slice(from, to)) return;
  const moved = Math.max(0, selectionStart - from + change(lines[0]).length - lines[0].length);
  const grown = changed.length - (to - from);
  insert(body, changed, from, to, [moved, Math.max(moved, selectionEnd - from + grown)]);
}
