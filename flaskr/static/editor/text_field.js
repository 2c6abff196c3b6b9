// The text field: a CodeMirror editor in place of a textarea, which stays in the form and submits
// the text.

import {
  ChangeSet,
  EditorState,
  EditorView,
  StateEffect,
  Transaction,
  diff,
  history,
  placeholder,
} from "../vendor/codemirror/codemirror.js";
import { insertBlock, replaceRange } from "./edits.js";
import { findPanel } from "./find_panel.js";
import { paragraphAtCaret } from "./focus_mode.js";
import { liveImages } from "./live_images.js";
import { liveMarkdown } from "./live_markdown.js";
import { markdown } from "./markdown_language.js";
import { textKeys } from "./text_keys.js";

const HINT = "Write, or press / for a menu";
const MAX_DIFF_STEPS = 2000;
const LINES_BESIDE_CARET = 2;
// `dir="auto"` on the field would give all lines the direction of the first.
const COPIED_ATTRIBUTES = ["id", "lang", "aria-invalid", "aria-describedby"];

/** Replace the textarea by an editor. Return the field that the editor's other modules use. */
export function createTextField(textarea) {
  const listeners = new Set();
  const { form } = textarea;
  let submitted = textarea.value;

  const view = new EditorView({
    state: EditorState.create({
      doc: textarea.value,
      selection: { anchor: textarea.selectionStart, head: textarea.selectionEnd },
      extensions: [
        history(),
        markdown(),
        liveMarkdown(),
        liveImages(),
        paragraphAtCaret(),
        findPanel(),
        textKeys(),
        placeholder(HINT),
        EditorView.lineWrapping,
        EditorView.perLineTextDirection.of(true),
        EditorView.scrollMargins.of(marginsOfBars),
        EditorView.contentAttributes.of(attributesOf(textarea)),
        EditorView.cspNonce.of(document.querySelector("[nonce]")?.nonce ?? ""),
        EditorView.updateListener.of(({ docChanged }) => docChanged && notify()),
      ],
    }),
  });

  function notify() {
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
    for (const listener of listeners) listener();
  }

  function fillTextarea() {
    submitted = field.text;
    textarea.value = submitted;
  }

  function takeOverRestoredText() {
    if (textarea.value !== submitted) field.applyRemoteText(field.text, textarea.value);
    submitted = textarea.value;
  }

  const field = {
    view,
    dom: view.dom,
    get text() {
      return view.state.doc.toString();
    },
    get selection() {
      const { from, to } = view.state.selection.main;
      return { from, to };
    },
    get selectedText() {
      const { from, to } = view.state.selection.main;
      return view.state.sliceDoc(from, to);
    },
    focus: () => view.focus(),
    onChange: (listener) => listeners.add(listener),

    /** Replace a range, then select a part of the new text, or place the caret at its end. */
    replace: (from, to, text, options) => replaceRange(view, from, to, text, options),

    /** Insert Markdown on lines of its own, and place the caret on a new line below it. */
    insertBlock: (block, options) => insertBlock(view, block, options),

    /** Add a CodeMirror extension. */
    extend: (extension) => view.dispatch({ effects: StateEffect.appendConfig.of(extension) }),

    /** Apply the changes between two texts to the current one, which may contain newer typing. */
    applyRemoteText(oldText, newText) {
      const remote = changesBetween(oldText, newText);
      const typed = changesBetween(oldText, field.text);
      view.dispatch({
        changes: remote.map(typed),
        annotations: [Transaction.addToHistory.of(false), Transaction.remote.of(true)],
      });
    },
  };

  const hadFocus = document.activeElement === textarea || textarea.autofocus;
  textarea.before(view.dom);
  textarea.hidden = true;
  textarea.removeAttribute("id");
  form.addEventListener("formdata", ({ formData }) => formData.set(textarea.name, field.text));
  addEventListener("pagehide", fillTextarea);
  addEventListener("pageshow", takeOverRestoredText);
  if (hadFocus) view.focus();
  return field;
}

function changesBetween(before, after) {
  const changes = diff(before, after, { scanLimit: MAX_DIFF_STEPS }).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    insert: after.slice(fromB, toB),
  }));
  return ChangeSet.of(changes, before.length, "\n");
}

function attributesOf(textarea) {
  const attributes = {
    "aria-label": textarea.labels[0].textContent,
    autocapitalize: "sentences",
    autocorrect: "on",
    spellcheck: "true",
    translate: "no",
  };
  for (const name of COPIED_ATTRIBUTES) {
    if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);
  }
  return attributes;
}

/** Return the heights that bars cover at the edges of the window, and a few lines more. */
function marginsOfBars(view) {
  const beside = LINES_BESIDE_CARET * view.defaultLineHeight;
  let [top, bottom] = [0, 0];
  for (const bar of document.querySelectorAll("[data-bar], .write .actions, .write .cm-panels")) {
    const rect = bar.getBoundingClientRect();
    const { position } = getComputedStyle(bar);
    if (!rect.height || (position !== "sticky" && position !== "fixed")) continue;
    if (rect.top + rect.bottom < innerHeight) top = Math.max(top, rect.bottom);
    else bottom = Math.max(bottom, innerHeight - rect.top);
  }
  return { top: top + beside, bottom: bottom + beside };
}
