// Find and replace: CodeMirror's panel with labels in the words of the editor.

import { EditorState, EditorView, search, searchPanelOpen } from "../vendor/codemirror/codemirror.js";

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
  return [search({ top: true }), EditorState.phrases.of(PHRASES), EditorView.updateListener.of(detachFields)];
}

/** Keep the fields of the panel out of the form around it. */
function detachFields({ view, transactions }) {
  if (!transactions.length || !searchPanelOpen(view.state)) return;
  for (const control of view.dom.querySelectorAll(".cm-search [name]:not([form])")) control.setAttribute("form", "");
}
