// Shows images and videos below the lines that name them.

import { Decoration, EditorView, StateField, WidgetType, syntaxTree } from "../vendor/codemirror/codemirror.js";
import { resolve } from "./addresses.js";

// The limits keep a line with thousands of brackets fast.
const IMAGE = /!\[((?:[^\]\\]|\\.){0,500})\]\(\s{0,9}<?([^\s)>]+)/g;
const MAX_LINE_CHARS = 20_000;
const VIDEO = /\.(?:mp4|webm|mov|m4v)$/i;
const MAX_HEIGHT = 280;
// As in text_field.css. Margins would confuse CodeMirror.
const PADDING = 12;
// The heights of loaded images by URL, so that an image that is shown again has its size at once.
const heights = new Map();

export function liveImages() {
  return field;
}

const field = StateField.define({
  create: (state) => build(state, imagesIn(state.doc, 0, state.doc.length), null),
  update(value, transaction) {
    const { docChanged, state, startState, changes } = transaction;
    const images = docChanged ? updateImages(value.images, changes, state.doc) : value.images;
    const isMoved = lineOfCaret(state) !== lineOfCaret(startState);
    const hasNewTree = syntaxTree(state) !== syntaxTree(startState);
    return docChanged || isMoved || hasNewTree ? build(state, images, value.shown) : value;
  },
  provide: (value) => EditorView.decorations.from(value, ({ decorations }) => decorations),
});

function lineOfCaret(state) {
  return state.doc.lineAt(state.selection.main.head).from;
}

function imagesIn(doc, from, to) {
  const images = [];
  for (let position = from; position <= to; ) {
    const line = doc.lineAt(position);
    if (line.length < MAX_LINE_CHARS && line.text.includes("![")) {
      for (const { index, 1: alt, 2: url } of line.text.matchAll(IMAGE)) images.push({ at: line.from + index, alt, url });
    }
    position = line.to + 1;
  }
  return images;
}

/** Return the images after changes, reading only the changed lines. */
function updateImages(images, changes, doc) {
  const ranges = [];
  changes.iterChangedRanges((fromA, toA, from, to) => ranges.push({ from: doc.lineAt(from).from, to: doc.lineAt(to).to }));
  const isChanged = (at) => ranges.some(({ from, to }) => from <= at && at <= to);
  const kept = images.map((image) => ({ ...image, at: changes.mapPos(image.at, 1) })).filter(({ at }) => !isChanged(at));
  const found = new Map(ranges.flatMap(({ from, to }) => imagesIn(doc, from, to)).map((image) => [image.at, image]));
  return [...kept, ...found.values()].sort((one, other) => one.at - other.at);
}

/** Return the images with their decorations. `before` has the images shown so far. */
function build(state, images, before) {
  const tree = syntaxTree(state);
  const caretLine = lineOfCaret(state);
  const shown = new Set();
  const widgets = [];
  for (const { at, alt, url } of images) {
    const source = sourceOf(url);
    const line = state.doc.lineAt(at);
    // While a URL is typed, its beginnings are not requested.
    const isTyped = line.from === caretLine && before && !before.has(source);
    if (!source || isTyped || isCode(tree, at)) continue;
    shown.add(source);
    widgets.push(Decoration.widget({ widget: new Picture(source, alt), block: true, side: 1 }).range(line.to));
  }
  return { images, shown, decorations: Decoration.set(widgets, true) };
}

function isCode(tree, position) {
  for (let node = tree.resolveInner(position, 1); node; node = node.parent) if (/Code|Comment/.test(node.name)) return true;
  return false;
}

/** Return the URL of an image that the page may show, or null. */
function sourceOf(url) {
  const { protocol, origin, href } = resolve(url) ?? {};
  return origin === location.origin || protocol === "https:" || /^data:image\//.test(href) ? href : null;
}

class Picture extends WidgetType {
  constructor(source, alt) {
    super();
    this.source = source;
    this.alt = alt;
  }

  eq(other) {
    return other.source === this.source && other.alt === this.alt;
  }

  get estimatedHeight() {
    return PADDING + (heights.get(this.source) ?? MAX_HEIGHT);
  }

  toDOM(view) {
    const frame = Object.assign(document.createElement("div"), { className: "cm-picture" });
    const isVideo = VIDEO.test(new URL(this.source).pathname);
    const media = document.createElement(isVideo ? "video" : "img");
    frame.dataset.source = this.source;
    frame.style.height = `${this.estimatedHeight}px`;
    Object.assign(media, isVideo ? { controls: true, preload: "metadata" } : { alt: this.alt, decoding: "async" });
    media.addEventListener(isVideo ? "loadedmetadata" : "load", () => this.fit(view, frame, media));
    media.addEventListener("error", () => {
      frame.replaceChildren("This cannot be loaded.");
      frame.classList.add("cm-broken");
      resize(view, frame, "");
    });
    media.src = this.source;
    frame.append(media);
    return frame;
  }

  /** Keep the image while its alt text is typed. */
  updateDOM(frame) {
    const image = frame.querySelector("img");
    if (image) image.alt = this.alt;
    return frame.dataset.source === this.source;
  }

  /** Shrink the reserved space to a small image. */
  fit(view, frame, media) {
    const width = media.naturalWidth || media.videoWidth || 1;
    const height = (media.naturalHeight || media.videoHeight) * Math.min(1, frame.clientWidth / width);
    heights.set(this.source, Math.min(MAX_HEIGHT, height));
    resize(view, frame, `${this.estimatedHeight}px`);
  }

  ignoreEvent() {
    return true;
  }
}

/** Change the height of a frame, and scroll so that a visible caret stays where it is on the screen. */
function resize(view, frame, height) {
  const before = caretTop(view);
  frame.style.height = height;
  view.requestMeasure();
  if (before > 0 && before < innerHeight) scrollBy({ top: caretTop(view) - before, behavior: "instant" });
}

function caretTop(view) {
  return view.coordsAtPos(view.state.selection.main.head)?.top;
}
