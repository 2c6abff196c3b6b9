// The keys of the text field.

import { defaultKeymap, historyKeymap, keymap, searchKeymap } from "../vendor/codemirror/codemirror.js";
import { continueList } from "./list_continuation.js";
import { indent, outdent, setHeading, toggleList, toggleMark } from "./formatting.js";

const FORMATTING = [
  { key: "Mod-b", run: toggleMark("**") },
  { key: "Mod-i", run: toggleMark("*") },
  { key: "Mod-Shift-x", run: toggleMark("~~") },
  { key: "Mod-e", run: toggleMark("`") },
  { key: "Mod-Shift-7", run: toggleList("ordered") },
  { key: "Mod-Shift-8", run: toggleList("bullet") },
  { key: "Mod-Shift-9", run: toggleList("task") },
  { key: "Mod-Alt-0", run: setHeading(0) },
  { key: "Mod-Alt-1", run: setHeading(1) },
  { key: "Mod-Alt-2", run: setHeading(2) },
  { key: "Mod-Alt-3", run: setHeading(3) },
  { key: "Mod-]", run: indent },
  { key: "Mod-[", run: outdent },
  { key: "Enter", run: continueList },
];

/** Return the keymap. Tab is not part of it, because it moves to the next field. */
export function bodyKeymap() {
  return keymap.of([...FORMATTING, ...searchKeymap, ...historyKeymap, ...defaultKeymap]);
}
