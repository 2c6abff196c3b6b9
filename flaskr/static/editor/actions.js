// The actions of the toolbar, the "/" menu and the keyboard. Each works on an EditorView.

import { findNode, insertBlock, replaceRange } from "./edits.js";
import { indent, outdent, setHeading, toggleList, toggleMark, toggleQuote, toggleTask } from "./formatting.js";
import { toggleFocusMode } from "./focus_mode.js";
import { openSearchPanel } from "../vendor/codemirror/codemirror.js";

const TABLE = "| Heading | Heading |\n| ------- | ------- |\n|         |         |";
const inNode = (pattern) => (state) => {
  const { from, to } = state.selection.main;
  return Boolean(findNode(state, from, to, ({ name }) => pattern.test(name)));
};

/**
 * `key` is a key in CodeMirror's notation, `isOn` tells whether the action applies to the
 * selection, and actions with `words` are in the "/" menu, which finds them by these too.
 */
export const ACTIONS = [
  { name: "bold", label: "Bold", key: "Mod-b", run: toggleMark("**"), isOn: inNode(/^StrongEmphasis$/) },
  { name: "italic", label: "Italic", key: "Mod-i", run: toggleMark("*"), isOn: inNode(/^Emphasis$/) },
  { name: "strike", label: "Strikethrough", key: "Mod-Shift-x", run: toggleMark("~~"), isOn: inNode(/^Strikethrough$/) },
  { name: "code", label: "Code", key: "Mod-e", run: toggleMark("`"), isOn: inNode(/Code$/) },
  { name: "heading", label: "Heading", run: cycleHeading, isOn: inNode(/Heading\d$/) },
  { name: "heading-1", label: "Heading 1", key: "Mod-Alt-1", run: setHeading(1), words: "h1 title" },
  { name: "heading-2", label: "Heading 2", key: "Mod-Alt-2", run: setHeading(2), words: "h2 section" },
  { name: "heading-3", label: "Heading 3", key: "Mod-Alt-3", run: setHeading(3), words: "h3 subsection" },
  { name: "text", label: "Plain text", key: "Mod-Alt-0", run: setHeading(0) },
  { name: "list", label: "Bulleted list", key: "Mod-Shift-8", run: toggleList("bullet"), words: "unordered ul", isOn: inNode(/^BulletList$/) },
  { name: "numbers", label: "Numbered list", key: "Mod-Shift-7", run: toggleList("ordered"), words: "ordered ol", isOn: inNode(/^OrderedList$/) },
  { name: "tasks", label: "Task list", key: "Mod-Shift-9", run: toggleList("task"), words: "todo checkbox", isOn: inNode(/^Task$/) },
  { name: "task-done", label: "Complete a task", key: "Mod-Enter", run: toggleTask },
  { name: "quote", label: "Quote", key: "Mod-Shift-.", run: toggleQuote, words: "blockquote", isOn: inNode(/^Blockquote$/) },
  { name: "link", label: "Link", key: "Mod-k", run: dispatch("flaskr:insert-link"), words: "url address", isOn: inNode(/^(Link|Autolink)$/) },
  { name: "image", label: "Image or video", run: dispatch("flaskr:insert-image"), words: "picture photo file upload media" },
  { name: "card", label: "Link card", run: dispatch("flaskr:insert-card"), words: "embed video youtube vimeo mastodon preview" },
  { name: "table", label: "Table", run: insertTable, words: "grid", isOn: inNode(/^Table$/) },
  { name: "code-block", label: "Code block", key: "Mod-Alt-c", run: insertCodeBlock, words: "pre fence program" },
  { name: "divider", label: "Divider", run: insertDivider, words: "rule line hr" },
  { name: "footnote", label: "Footnote", key: "Mod-Alt-f", run: insertFootnote, words: "note reference" },
  { name: "indent", label: "Indent", key: "Mod-]", run: indent },
  { name: "outdent", label: "Outdent", key: "Mod-[", run: outdent },
  { name: "find", label: "Find and replace", key: "Mod-f", run: openSearchPanel },
  { name: "focus-mode", label: "Focus mode", key: "Mod-Shift-f", run: toggleFocusMode, isOn: () => document.body.classList.contains("focus-mode") },
];

export const actionsByName = Object.fromEntries(ACTIONS.map((action) => [action.name, action]));

/** Return an action that other modules of the editor listen to. */
function dispatch(event) {
  return (view) => view.dom.closest("form").dispatchEvent(new CustomEvent(event, { bubbles: true }));
}

/** Turn text into a heading, a heading into a smaller one, and a small one into text. */
function cycleHeading(view) {
  const level = view.state.doc.lineAt(view.state.selection.main.head).text.match(/^#{1,6}(?= )/)?.[0].length ?? 0;
  return setHeading({ 0: 2, 2: 3 }[level] ?? 0)(view);
}

function insertTable(view) {
  insertBlock(view, TABLE, { select: [2, 9], scrollIntoView: true });
  return true;
}

function insertDivider(view) {
  insertBlock(view, "---", { scrollIntoView: true });
  return true;
}

/** Put the selected lines, or an empty line, between fences. */
function insertCodeBlock(view) {
  const { state } = view;
  const { main } = state.selection;
  if (main.empty) {
    insertBlock(view, "```\n\n```", { select: [4, 4], scrollIntoView: true });
    return true;
  }
  const from = state.doc.lineAt(main.from).from;
  const { to } = state.doc.lineAt(main.to);
  replaceRange(view, from, to, `\`\`\`\n${state.sliceDoc(from, to)}\n\`\`\``, { select: [3, 3], scrollIntoView: true });
  return true;
}

/** Insert a reference at the caret, and write its note at the end of the text. */
function insertFootnote(view) {
  const { state } = view;
  const { to } = state.selection.main;
  const text = state.doc.toString();
  const numbers = [...text.matchAll(/\[\^(\d+)\]/g)].map(([, number]) => Number(number));
  const label = `[^${Math.max(0, ...numbers) + 1}]`;
  const isAfterNote = /(?:^|\n)\[\^[^\]\n]+\]:[^\n]*\n*$/.test(text);
  const newlines = text.match(/\n*$/)[0].length;
  const gap = "\n".repeat(Math.max(0, (isAfterNote ? 1 : 2) - newlines));
  const note = `${gap}${label}: `;
  view.dispatch({
    changes: [{ from: to, insert: label }, { from: text.length, insert: note }],
    selection: { anchor: text.length + label.length + note.length },
    scrollIntoView: true,
    userEvent: "input.complete",
  });
  return true;
}
