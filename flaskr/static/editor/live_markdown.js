// Shows formatting while the text stays Markdown: headings large, bold bold, and so on. Marks are
// hidden on lines without the caret. Only the visible part of the text is decorated.

import { Decoration, EditorView, StateEffect, ViewPlugin, WidgetType, syntaxTree } from "../vendor/codemirror/codemirror.js";
import { resolve } from "./addresses.js";
import { alignTable } from "./live_tables.js";

const INLINE_CLASSES = {
  StrongEmphasis: "strong",
  Emphasis: "emphasis",
  InlineCode: "code",
  Autolink: "link",
  Image: "image",
  Footnote: "footnote",
  HTMLTag: "html",
  Comment: "html",
  Escape: "escape",
};
const LINE_CLASSES = {
  ATXHeading1: "heading-1",
  ATXHeading2: "heading-2",
  ATXHeading3: "heading-3",
  ATXHeading4: "heading-4",
  ATXHeading5: "heading-4",
  ATXHeading6: "heading-4",
  SetextHeading1: "heading-1",
  SetextHeading2: "heading-2",
  Blockquote: "quote",
  CodeBlock: "block-code",
  FencedCode: "block-code",
  HTMLBlock: "html",
  CommentBlock: "html",
  LinkReference: "reference",
  Table: "table",
};
const HIDDEN_MARKS = new Set(["HeaderMark", "EmphasisMark", "StrikethroughMark", "QuoteMark"]);
const MARKS = new Set([...HIDDEN_MARKS, "ListMark", "LinkMark", "CodeMark", "CodeInfo", "LinkTitle", "LinkLabel", "TableDelimiter"]);
const RIGHT_TO_LEFT = /^\P{L}*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
const FOOTNOTE_TEXT = /^\[\^[^\]\s]+\]:\s/;
const hidden = Decoration.replace({});
const dimmed = Decoration.mark({ class: "cm-mark" });
// Inclusive, so that it also surrounds a widget at its start.
const itemPrefix = Decoration.mark({ class: "cm-prefix", inclusiveStart: true });
// Beyond these limits a line stays plain, because nobody reads it and the browser would be slow.
const MAX_DEPTH = 12;
const MAX_RANGES_IN_LINE = 1000;
const pointerReleased = StateEffect.define();

export function liveMarkdown() {
  return [plugin, toggleTaskOnClick, openLinkOnClick];
}

const plugin = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = decorate(view);
      this.isPressed = false;
      this.release = () => {
        this.isPressed = false;
        view.dispatch({ effects: pointerReleased.of(null) });
      };
    }

    update(update) {
      const { docChanged, viewportChanged, geometryChanged, selectionSet, focusChanged, transactions, startState, state, view } = update;
      const isReleased = transactions.some(({ effects }) => effects.some((effect) => effect.is(pointerReleased)));
      const hasNewTree = syntaxTree(startState) !== syntaxTree(state);
      // Marks that appear under a pressed pointer would move the text away from it.
      const isCaretMoved = (selectionSet || focusChanged) && !this.isPressed;
      if (docChanged || viewportChanged || geometryChanged || hasNewTree || isReleased || isCaretMoved) this.decorations = decorate(view);
    }
  },
  {
    decorations: (value) => value.decorations,
    eventHandlers: {
      pointerdown() {
        this.isPressed = true;
        addEventListener("pointerup", this.release, { once: true });
        addEventListener("pointercancel", this.release, { once: true });
      },
    },
  },
);

function decorate(view) {
  const page = new Page(view);
  const tree = syntaxTree(view.state);
  for (const { from, to } of view.visibleRanges) {
    page.setRange(from, to);
    tree.iterate({ from, to, enter: (node) => page.enter(node) });
  }
  return page.finish();
}

/** The decorations of the visible lines. */
class Page {
  constructor(view) {
    const { state } = view;
    this.view = view;
    this.state = state;
    this.doc = state.doc;
    this.lines = new Map();
    this.ranges = [];
    const { main } = state.selection;
    const ends = view.hasFocus ? [main.head, main.anchor] : [];
    this.activeLines = new Set(ends.map((position) => this.doc.lineAt(position).from));
    this.caret = view.hasFocus ? main.head : -1;
  }

  setRange(from, to) {
    this.from = from;
    this.to = to;
    for (let position = from; position <= to; ) {
      const line = this.doc.lineAt(position);
      this.lineInfo(line);
      if (FOOTNOTE_TEXT.test(line.text)) this.addLineClass(line, "note");
      position = line.to + 1;
    }
  }

  enter(node) {
    const { name } = node;
    if (name in LINE_CLASSES) this.eachLine(node, (line) => this.addLineClass(line, LINE_CLASSES[name]));
    if (name in INLINE_CLASSES) this.mark(node.from, node.to, `cm-${INLINE_CLASSES[name]}`);
    if (name === "ListItem") this.enterItem(node);
    else if (name === "Task") this.enterTask(node);
    else if (name === "FencedCode") this.enterFence(node);
    else if (name === "HorizontalRule") this.enterRule(node);
    else if (name === "Table") this.enterTable(node);
    else if (name === "Strikethrough") this.mark(node.from + 2, node.to - 2, "cm-strike");
    else if (name === "Link" || name === "Image") this.enterLink(node);
    else if (name === "Escape") this.hide(node.from, node.from + 1);
    else if (MARKS.has(name)) this.enterMark(node);
  }

  enterMark(node) {
    const { name, from } = node;
    const parent = node.node.parent?.name;
    if (name === "ListMark" || (name === "LinkMark" && parent !== "Autolink")) return;
    const isHidden = (HIDDEN_MARKS.has(name) && !/^Setext/.test(parent)) || parent === "InlineCode" || parent === "Autolink";
    if (!isHidden) this.add(dimmed, from, node.to);
    else if (name === "QuoteMark" || (name === "HeaderMark" && this.doc.lineAt(from).from === from)) this.hide(from, this.skipSpace(node.to));
    else this.hide(from, node.to);
  }

  /** Hide a mark, or dim it if the caret is on its line. */
  hide(from, to) {
    if (from >= to) return;
    const line = this.doc.lineAt(from);
    const isShown = this.activeLines.has(line.from) || this.lines.get(line.from)?.classes.has("table") || to > line.to;
    this.add(isShown ? dimmed : hidden, from, to);
  }

  mark(from, to, name) {
    if (from < to) this.add(Decoration.mark({ class: name }), from, to);
  }

  add(decoration, from, to) {
    const info = this.lineInfo(this.doc.lineAt(from));
    if (++info.count < MAX_RANGES_IN_LINE) this.ranges.push(decoration.range(from, to));
  }

  enterLink(node) {
    const marks = node.node.getChildren("LinkMark");
    const url = node.node.getChild("URL");
    // Words in brackets are only a link if they are defined elsewhere.
    if (!url && !node.node.getChild("LinkLabel")) return;
    if (node.name === "Image") {
      this.add(dimmed, node.from, node.to);
      return;
    }
    this.mark(marks[0].to, marks[1].from, "cm-link");
    this.hide(marks[0].from, marks[0].to);
    this.hide(marks[1].from, node.to);
    if (url) this.mark(url.from, url.to, "cm-url");
  }

  enterItem(node) {
    const { node: item } = node;
    const mark = item.getChild("ListMark");
    let depth = 1;
    for (let parent = item.parent; parent && depth <= MAX_DEPTH; parent = parent.parent) depth += parent.name === "ListItem";
    if (!mark || depth > MAX_DEPTH) return;
    const first = this.doc.lineAt(mark.from);
    this.eachLine(node, (line) => {
      this.addLineClass(line, "item");
      this.lineInfo(line).depth = depth;
      if (line.from !== first.from) this.lineInfo(line).prefix = this.spaceRange(line);
    });
    if (!this.lines.has(first.from)) return;
    const info = this.lineInfo(first);
    info.prefix = { from: mark.from - first.text.slice(0, mark.from - first.from).match(/\s*$/)[0].length, to: this.skipSpace(mark.to) };
    const isTask = item.getChild("Task");
    if (!isTask && /[-*+]/.test(this.state.sliceDoc(mark.from, mark.to))) this.showBullet(mark, info.prefix);
  }

  showBullet(mark, prefix) {
    if (this.caret >= prefix.from && this.caret < prefix.to) return;
    this.add(bullet, mark.from, mark.to);
  }

  spaceRange(line) {
    const [space] = line.text.match(/^\s*/);
    return space && space.length < line.text.length ? { from: line.from, to: line.from + space.length } : null;
  }

  enterTask(node) {
    const marker = node.node.getChild("TaskMarker");
    const line = this.doc.lineAt(node.from);
    const info = this.lineInfo(line);
    const prefix = info.prefix;
    if (!marker || !prefix) return;
    const isDone = /x/i.test(this.state.sliceDoc(marker.from, marker.to));
    prefix.to = this.skipSpace(marker.to);
    if (isDone) this.addLineClass(line, "done");
    if (this.caret >= prefix.from && this.caret < prefix.to) return;
    const label = this.state.sliceDoc(prefix.to, line.to);
    const mark = node.node.parent.getChild("ListMark");
    this.add(Decoration.replace({ widget: new Checkbox(isDone, label) }), mark?.from ?? marker.from, marker.to);
  }

  enterFence(node) {
    const first = this.doc.lineAt(node.from);
    const last = this.doc.lineAt(node.to);
    if (this.lines.has(first.from)) this.addLineClass(first, "first");
    if (this.lines.has(last.from)) this.addLineClass(last, "last");
  }

  enterRule(node) {
    const line = this.doc.lineAt(node.from);
    if (this.activeLines.has(line.from)) this.add(dimmed, node.from, node.to);
    else {
      this.addLineClass(line, "rule");
      this.add(hidden, node.from, node.to);
    }
  }

  /** All rows have the direction of the first, also the one without letters. */
  enterTable(node) {
    const direction = RIGHT_TO_LEFT.test(this.doc.lineAt(node.from).text) ? "rtl" : "ltr";
    this.eachLine(node, (line) => (this.lineInfo(line).direction = direction));
    this.ranges.push(...alignTable(this.view, node));
  }

  eachLine({ from, to }, callback) {
    const end = Math.min(to, this.to);
    for (let position = Math.max(from, this.from); position <= end; ) {
      const line = this.doc.lineAt(position);
      callback(line);
      position = line.to + 1;
    }
  }

  lineInfo(line) {
    let info = this.lines.get(line.from);
    if (!info) this.lines.set(line.from, (info = { classes: new Set(), depth: 0, prefix: null, count: 0 }));
    return info;
  }

  addLineClass(line, name) {
    this.lineInfo(line).classes.add(name);
  }

  skipSpace(position) {
    return this.state.sliceDoc(position, position + 1) === " " ? position + 1 : position;
  }

  finish() {
    for (const [from, { classes, depth, prefix, direction }] of this.lines) {
      const isCode = classes.has("block-code");
      const attributes = { dir: direction ?? (isCode ? "ltr" : "auto") };
      if (classes.size) attributes.class = [...classes].map((name) => `cm-${name}`).join(" ");
      if (isCode) attributes.spellcheck = "false";
      if (depth) {
        attributes.style = `--depth: ${Math.min(depth, 6)}`;
        if (!prefix) attributes.class += " cm-lazy";
        else if (prefix.from < prefix.to) this.ranges.push(itemPrefix.range(prefix.from, prefix.to));
      }
      this.ranges.push(Decoration.line({ attributes }).range(from));
    }
    return Decoration.set(this.ranges, true);
  }
}

class Bullet extends WidgetType {
  eq() {
    return true;
  }

  toDOM() {
    return Object.assign(document.createElement("span"), { className: "cm-bullet", textContent: "•" });
  }
}

const bullet = Decoration.replace({ widget: new Bullet() });

class Checkbox extends WidgetType {
  constructor(isDone, label) {
    super();
    this.isDone = isDone;
    this.label = label;
  }

  eq(other) {
    return other.isDone === this.isDone && other.label === this.label;
  }

  toDOM() {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "cm-task", tabIndex: -1 });
    this.updateDOM(box);
    return box;
  }

  updateDOM(box) {
    box.checked = this.isDone;
    box.setAttribute("aria-label", this.label || "Task");
    return true;
  }

  ignoreEvent() {
    return false;
  }
}

const toggleTaskOnClick = EditorView.domEventHandlers({
  mousedown: (event) => event.target.matches?.("input.cm-task"),
  click(event, view) {
    if (!event.target.matches?.("input.cm-task")) return false;
    const line = view.state.doc.lineAt(view.posAtDOM(event.target));
    const marker = line.text.match(/^(.*?\[)([ xX])\]/);
    const from = line.from + marker[1].length;
    view.dispatch({ changes: { from, to: from + 1, insert: marker[2] === " " ? "x" : " " }, userEvent: "input" });
    return false;
  },
});

const openLinkOnClick = EditorView.domEventHandlers({
  mousedown(event, view) {
    if (event.button || !(event.ctrlKey || event.metaKey)) return false;
    const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
    const url = position === null ? null : linkAt(view.state, position);
    if (!url) return false;
    open(url, "_blank", "noopener");
    return true;
  },
});

/** Return the URL of the link at a position, or null if there is none that is safe to open. */
function linkAt(state, position) {
  for (let node = syntaxTree(state).resolveInner(position, 0); node; node = node.parent) {
    if (node.name !== "Link" && node.name !== "Autolink" && node.name !== "Image") continue;
    const url = node.getChild("URL");
    return url ? safeUrl(state.sliceDoc(url.from, url.to).replace(/^<|>$/g, "")) : null;
  }
  return null;
}

function safeUrl(text) {
  const url = resolve(text);
  return url && /^(https?|mailto):$/.test(url.protocol) ? url.href : null;
}
