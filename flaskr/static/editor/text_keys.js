// The keys of the text field.

import { Prec, defaultKeymap, historyKeymap, keymap, redo, searchKeymap } from "../vendor/codemirror/codemirror.js";
import { ACTIONS } from "./actions.js";
import { continueList } from "./list_continuation.js";

// Keys for several carets and for line numbers, which the field does not have.
const UNUSED = new Set(["Mod-d", "Mod-Shift-l", "Mod-Alt-g", "Alt-g"]);

/** Return the keymap. Tab is not part of it, because it moves to the next field. */
export function textKeys() {
  const actions = ACTIONS.filter(({ key }) => key).map(({ key, run }) => ({ key, run, preventDefault: true }));
  return [
    Prec.high(keymap.of([...actions, { key: "Mod-Shift-z", run: redo }, { key: "Enter", run: continueList }])),
    keymap.of([...searchKeymap.filter(({ key }) => !UNUSED.has(key)), ...historyKeymap, ...defaultKeymap]),
  ];
}
