// Names of keys for people.

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const NAMES = isMac ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩" } : { Mod: "Ctrl" };

/** Return the name of a key in CodeMirror's notation: "Mod-Shift-x" is "Ctrl+Shift+X". */
export function keyName(key) {
  const parts = key.split(/-(?!$)/).map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return parts.join(isMac ? "" : "+");
}
