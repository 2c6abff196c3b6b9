// Formats the selection: marks around words, and prefixes of lines.

import { EditorSelection } from "../vendor/codemirror/codemirror.js";
import { findNode } from "./edits.js";

const INDENT = "  ";
const PREFIX = /^(\s*)(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|(?:>\s?)+)?/;
const NODES = { "**": "StrongEmphasis", "*": "Emphasis", "~~": "Strikethrough", "`": "InlineCode" };
const TASK = /^(\s*(?:>\s?)*\s*(?:[-*+]|\d{1,9}[.)])\s+\[)([ xX])\]\s/;
const LIST_ITEM = {
  bullet: { pattern: /^\s*[-*+]\s+(?!\[[ xX]\]\s)/, prefix: () => "- " },
  ordered: { pattern: /^\s*\d{1,9}[.)]\s+/, prefix: (number) => `${number}. ` },
  task: { pattern: /^\s*[-*+]\s+\[[ xX]\]\s+/, prefix: () => "- [ ] " },
};

/** Return a command that puts a mark around the selection or the word at the caret, or removes it. */
export function toggleMark(mark) {
  return ({ state, dispatch }) => {
    const { from, to } = trimmedSelection(state);
    const { length } = mark;
    const marked = markedRange(state, from, to, mark);
    const changes = marked
      ? [{ from: marked.from, to: marked.from + length }, { from: marked.to - length, to: marked.to }]
      : [{ from, insert: mark }, { from: to, insert: mark }];
    const change = state.changes(changes);
    const { main } = state.selection;
    const selection = main.empty
      ? { anchor: change.mapPos(main.head, main.head === to && !marked ? -1 : 1) }
      : { anchor: change.mapPos(from, 1), head: change.mapPos(to, -1) };
    return send(state, dispatch, { changes: change, selection: main.empty && from === to && !marked ? { anchor: from + length } : selection });
  };
}

/** Return the range of the marks around a range and of all in between, or null. */
function markedRange(state, from, to, mark) {
  const node = findNode(state, from, to, ({ name }) => name === NODES[mark]);
  if (node && state.sliceDoc(node.from, node.from + mark.length) === mark) return node;
  return isMarked(state, from, to, mark) ? { from: from - mark.length, to: to + mark.length } : null;
}

/** Return the selection without the spaces at its ends, or the word at the caret. */
function trimmedSelection(state) {
  const { main } = state.selection;
  const range = main.empty ? (wordAround(state, main.head) ?? main) : main;
  const text = state.sliceDoc(range.from, range.to);
  const from = range.from + (text.length - text.trimStart().length);
  return from >= range.to ? range : { from, to: range.to - (text.length - text.trimEnd().length) };
}

function wordAround(state, position) {
  const word = state.wordAt(position);
  return word && word.from < position && position < word.to ? word : null;
}

/** Return true if the mark surrounds the range. */
function isMarked(state, from, to, mark) {
  const char = mark[0];
  const before = countBefore(state.sliceDoc(Math.max(0, from - 3), from), char);
  const after = countBefore([...state.sliceDoc(to, to + 3)].reverse().join(""), char);
  if (char !== "*") return before >= mark.length && after >= mark.length;
  // Of two stars neither marks italics; of three, one does.
  const fits = (count) => count >= mark.length && (mark.length === 2 || count % 2 === 1);
  return fits(before) && fits(after);
}

function countBefore(text, char) {
  let count = 0;
  while (text[text.length - 1 - count] === char) count++;
  return count;
}

/** Return a command that turns the selected lines into headings of a level, or into text for 0. */
export function setHeading(level) {
  const prefix = level ? `${"#".repeat(level)} ` : "";
  return changeLines((line) => (line.startsWith(prefix) && level ? "" : prefix), /^#{1,6}(?:\s+|$)/);
}

/** Return a command that turns the selected lines into items of a list, or back. */
export function toggleList(kind) {
  const { pattern, prefix } = LIST_ITEM[kind];
  return (target) => {
    const lines = selectedLines(target.state).filter(({ text }) => text.trim());
    const isList = lines.length > 0 && lines.every(({ text }) => pattern.test(text));
    return changeLines((_, number) => (isList ? "" : prefix(number)))(target);
  };
}

/** Toggle quote marks before the selected lines. */
export function toggleQuote(target) {
  const isQuote = selectedLines(target.state).every(({ text }) => /^\s*>/.test(text));
  return changeLines(() => (isQuote ? "" : "> "), isQuote ? /^>\s?/ : /^/, true)(target);
}

/** Return a command that replaces the prefix of each selected line. */
function changeLines(prefixOf, pattern, withBlank = false) {
  return ({ state, dispatch }) => {
    const lines = selectedLines(state);
    let number = 0;
    const changes = [];
    for (const { from, text } of lines) {
      if (!text.trim() && !withBlank && lines.length > 1) continue;
      const [space] = text.match(/^\s*/);
      const rest = text.slice(space.length);
      const old = pattern ? (rest.match(pattern)?.[0] ?? "") : text.match(PREFIX)[0].slice(space.length);
      const insert = prefixOf(rest, ++number);
      if (old !== insert) changes.push({ from: from + space.length, to: from + space.length + old.length, insert });
    }
    const change = state.changes(changes);
    return send(state, dispatch, { changes: change, selection: state.selection.map(change, 1) });
  };
}

/** Complete the tasks in the selected lines, or open them again. */
export function toggleTask({ state, dispatch }) {
  const tasks = selectedLines(state).flatMap(({ from, text }) => {
    const task = text.match(TASK);
    return task ? [{ at: from + task[1].length, isDone: task[2] !== " " }] : [];
  });
  if (!tasks.length) return false;
  const insert = tasks.every(({ isDone }) => isDone) ? " " : "x";
  dispatch(state.update({ changes: tasks.map(({ at }) => ({ from: at, to: at + 1, insert })), userEvent: "input" }));
  return true;
}

export function indent(target) {
  return shiftLines(target, (text) => (text ? { from: 0, to: 0, insert: INDENT } : null));
}

export function outdent(target) {
  return shiftLines(target, (text) => {
    const [space] = text.match(/^(?: {1,2}|\t)?/);
    return space ? { from: 0, to: space.length } : null;
  });
}

function shiftLines({ state, dispatch }, changeOf) {
  const changes = selectedLines(state).flatMap(({ from, text }) => {
    const change = changeOf(text);
    return change ? [{ ...change, from: from + change.from, to: from + change.to }] : [];
  });
  const change = state.changes(changes);
  return send(state, dispatch, { changes: change, selection: state.selection.map(change, 1) });
}

function selectedLines(state) {
  const { from, to } = state.selection.main;
  const lines = [];
  for (let position = from; position <= to; ) {
    const line = state.doc.lineAt(position);
    if (!lines.length || line.from < to) lines.push(line);
    position = line.to + 1;
  }
  return lines;
}

function send(state, dispatch, change) {
  const { anchor, head = anchor } = change.selection.main ?? change.selection;
  dispatch(
    state.update({
      ...change,
      selection: EditorSelection.single(anchor, head),
      scrollIntoView: true,
      userEvent: "input.format",
    }),
  );
  return true;
}
