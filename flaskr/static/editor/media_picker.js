// A dialog to choose files from the media library, or to upload new ones.

import { chooseFiles, upload } from "./upload.js";
import { create, fetchJson, openDialog } from "./dialogs.js";

const SEARCH_DELAY_MS = 200;

/** Let the user choose files. Resolves with the chosen media, or with none. */
export function openMediaPicker({ pictures = false, multiple = false } = {}) {
  const form = document.querySelector("form[data-editor]");
  const search = create("input", { type: "search", autofocus: true, placeholder: "Search", "aria-label": "Search the library", autocomplete: "off", dir: "auto" });
  const uploadButton = create("button", { type: "button" }, "Upload");
  const grid = create("ul", { className: "grid", role: "listbox", "aria-label": "Media", "aria-multiselectable": String(multiple) });
  const more = create("button", { type: "button", className: "more-media", hidden: true }, "Show more");
  const note = create("p", { className: "hint", role: "status" });
  const alerts = create("div", { className: "alerts-inside" });
  const insert = create("button", { type: "button", className: "main", disabled: true }, multiple ? "Insert" : "Choose");
  const title = pictures ? "Choose an image" : "Insert images and files";
  const dialog = openDialog(
    title,
    create("div", { className: "row" }, search, uploadButton),
    alerts,
    create("div", { className: "scroll" }, grid, more, note),
    create("footer", {}, insert),
  );
  const chosen = new Set();
  let older, timer, request;

  async function load(before) {
    request?.abort();
    request = new AbortController();
    try {
      const parameters = { q: search.value.trim(), pictures: pictures && "1", before };
      const page = await fetchJson(form.dataset.picker, parameters, request.signal);
      if (!before) grid.replaceChildren();
      grid.append(...page.media.map((medium) => option(medium)));
      ({ older } = page);
      more.hidden = !older;
      note.textContent = grid.children.length ? "" : emptyNote(search.value);
      makeReachable(grid);
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = error.message;
    }
  }

  function option(medium) {
    const picture = medium.thumbnail
      ? create("img", { src: medium.thumbnail, alt: "", loading: "lazy", decoding: "async" })
      : create("span", { className: "kind" }, medium.url.split(".").pop().toUpperCase());
    const label = medium.alt || medium.name;
    const item = create("li", { role: "option", tabIndex: -1, title: label, "aria-label": label }, picture, create("span", { className: "name", dir: "auto" }, label));
    item.medium = medium;
    item.setAttribute("aria-selected", String([...chosen].some(({ url }) => url === medium.url)));
    return item;
  }

  function toggle(item) {
    const known = [...chosen].find(({ url }) => url === item.medium.url);
    if (!multiple) {
      chosen.clear();
      grid.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    }
    if (known) chosen.delete(known);
    else chosen.add(item.medium);
    item.setAttribute("aria-selected", String(!known));
    insert.disabled = !chosen.size;
    if (multiple) insert.textContent = chosen.size ? `Insert ${chosen.size}` : "Insert";
  }

  async function uploadFiles() {
    const files = await chooseFiles({ multiple, accept: pictures ? "image/*" : "" });
    const media = files.length ? await upload(form, files, alerts) : [];
    for (const medium of media) {
      const item = option(medium);
      grid.prepend(item);
      toggle(item);
    }
    if (!media.length) return;
    note.textContent = "";
    makeReachable(grid);
    insert.focus();
  }

  return new Promise((resolve) => {
    let result = [];
    const finish = () => {
      result = [...chosen];
      dialog.close();
    };
    dialog.addEventListener("close", () => resolve(result));
    insert.addEventListener("click", finish);
    uploadButton.addEventListener("click", uploadFiles);
    more.addEventListener("click", () => load(older));
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(load, SEARCH_DELAY_MS);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      grid.querySelector('[tabindex="0"]')?.focus();
    });
    grid.addEventListener("click", ({ target }) => {
      const item = target.closest("[role=option]");
      if (item) focusOption(grid, item);
      if (item) toggle(item);
      if (item && !multiple) finish();
    });
    grid.addEventListener("dblclick", () => chosen.size && finish());
    grid.addEventListener("keydown", (event) => {
      const item = event.target.closest("[role=option]");
      if (event.key === " ") toggle(item);
      else if (event.key === "Enter") {
        if (!chosen.size || !multiple) toggle(item);
        finish();
      } else if (!moveFocus(grid, item, event.key)) return;
      event.preventDefault();
    });
    load();
  });
}

function emptyNote(typed) {
  return typed.trim() ? "No files found." : "There are no files yet. Upload one.";
}

/** One option can be reached with Tab, the others with the arrow keys. */
function makeReachable(grid) {
  if (!grid.querySelector('[tabindex="0"]')) grid.firstElementChild?.setAttribute("tabindex", "0");
}

function focusOption(grid, item) {
  grid.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  item.setAttribute("tabindex", "0");
  item.focus();
}

function moveFocus(grid, item, key) {
  const items = [...grid.children];
  const columns = items.filter((other) => other.offsetTop === items[0].offsetTop).length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  const at = items.indexOf(item);
  const target = { Home: items[0], End: items[items.length - 1] }[key] ?? (key in steps ? items[at + steps[key]] : undefined);
  if (target) focusOption(grid, target);
  return key in steps || key === "Home" || key === "End";
}
