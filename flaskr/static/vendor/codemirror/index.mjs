// The parts of CodeMirror and Lezer that the editor imports.

export { defaultKeymap, history, historyKeymap, isolateHistory, redo } from "@codemirror/commands";
export { Language, LanguageSupport, defineLanguageFacet, languageDataProp, syntaxTree } from "@codemirror/language";
export { diff } from "@codemirror/merge";
export { openSearchPanel, search, searchKeymap, searchPanelOpen } from "@codemirror/search";
export {
  ChangeSet,
  EditorSelection,
  EditorState,
  Prec,
  StateEffect,
  StateField,
  Transaction,
} from "@codemirror/state";
export { Decoration, EditorView, ViewPlugin, WidgetType, keymap, placeholder } from "@codemirror/view";
export { Strikethrough, Table, TaskList, parser } from "@lezer/markdown";
