// The parts of CodeMirror and Lezer that the editor imports.

export { defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory } from "@codemirror/commands";
export { Language, LanguageSupport, defineLanguageFacet, languageDataProp, syntaxTree } from "@codemirror/language";
export { diff } from "@codemirror/merge";
export { closeSearchPanel, openSearchPanel, search, searchKeymap } from "@codemirror/search";
export {
  Annotation,
  ChangeSet,
  Compartment,
  EditorSelection,
  EditorState,
  Prec,
  StateEffect,
  StateField,
  Transaction,
} from "@codemirror/state";
export { Decoration, EditorView, ViewPlugin, WidgetType, keymap, placeholder } from "@codemirror/view";
export { Strikethrough, Table, TaskList, parser } from "@lezer/markdown";
