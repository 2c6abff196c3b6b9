// Find and replace: CodeMirror's panel with labels in the words of the editor.

import { EditorState, search } from "../vendor/codemirror/codemirror.js";

const PHRASES = {
  next: "Next",
  previous: "Previous",
  "match case": "Match case",
  regexp: "Regular expression",
  "by word": "Whole words",
  replace: "Replace",
  "replace all": "Replace all",
  close: "Close",
};

export function findPanel() {
  return [search({ top: true }), EditorState.phrases.of(PHRASES)];
}
