// Proposes the blog's tags while one is typed: the combobox with a list of the ARIA practices.

import { insert } from "./insert.js";

const MOST = 8;

export function completeTags(field, names) {
  const list = Object.assign(document.createElement("ul"), { id: "tag-list", className: "proposals", hidden: true });
  const count = Object.assign(document.createElement("p"), { className: "unseen" });
  let active = -1;

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Tags");
  count.setAttribute("role", "status");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.after(list, count);

  function propose() {
    const typed = folded(wordAt(field).word);
    const given = field.value.split(",").map(folded);
    const found = names.filter((name) => folded(name).includes(typed) && !given.includes(folded(name)));
    // What begins with the letters comes first; before that, what is used most.
    found.sort((one, other) => folded(other).startsWith(typed) - folded(one).startsWith(typed));
    show(typed ? found.slice(0, MOST) : []);
  }

  function show(found) {
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    count.textContent = found.length ? `${found.length === 1 ? "1 tag" : `${found.length} tags`}, use the arrow keys.` : "";
    activate(-1);
  }

  function option(name, at) {
    const item = Object.assign(document.createElement("li"), { id: `tag-option-${at}`, textContent: name, dir: "auto" });
    item.setAttribute("role", "option");
    // The field keeps the focus.
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(name));
    return item;
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function choose(name) {
    const { start, end } = wordAt(field);
    const rest = field.value.slice(end);
    insert(field, `${start ? " " : ""}${name}${rest ? "" : ", "}`, start, end);
    show([]);
  }

  const keys = {
    ArrowDown: () => activate((active + 1) % list.children.length),
    ArrowUp: () => activate((active < 1 ? list.children.length : active) - 1),
    Escape: () => show([]),
    Enter: () => active >= 0 && choose(list.children[active].textContent),
  };

  field.addEventListener("input", propose);
  field.addEventListener("blur", () => show([]));
  field.addEventListener("keydown", (event) => {
    if (list.hidden || !(event.key in keys) || event.isComposing) return;
    if (event.key === "Enter" && active < 0) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** The word between commas in which one types, and where it stands. */
function wordAt(field) {
  const { value, selectionStart } = field;
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const comma = value.indexOf(",", selectionStart);
  const end = comma < 0 ? value.length : comma;
  return { word: value.slice(start, end), start, end };
}

/** Without regard to case and accents. */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();
}
