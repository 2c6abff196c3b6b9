// A dialog for links: type an address, or search one's posts by title.

import { create, fetchJson, openDialog } from "./dialogs.js";

const SEARCH_DELAY_MS = 150;
const ADDRESS = /^(https?:\/\/|mailto:|tel:|\/|#)\S*$/i;
const HOST = /^[^\s/@:]+\.[a-z]{2,}(\/\S*)?$/i;
const EMAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;
const LINK = /\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?((?:\s+(?:"[^"]*"|'[^']*'))?)\)/g;

export function addLinkDialog(form, field) {
  form.addEventListener("flaskr:insert-link", () => openLinkDialog(field));
}

/** Insert a link at the caret or over the selection, or change the link that the caret is in. */
export function openLinkDialog(field) {
  const form = document.querySelector("form[data-editor]");
  const link = linkAt(field.text, field.selection);
  const { from, to } = link ?? field.selection;
  const selected = field.text.slice(from, to);
  const typed = link ? link.url : toAddress(selected) && selected.trim();
  const address = create("input", {
    type: "text", id: "link-address", autofocus: true, value: typed || "", autocomplete: "off", autocapitalize: "none", spellcheck: false, dir: "auto",
    role: "combobox", "aria-autocomplete": "list", "aria-controls": "link-posts", "aria-expanded": "false",
  });
  const list = create("ul", { id: "link-posts", className: "suggestions", role: "listbox", "aria-label": "Posts", hidden: true });
  const note = create("p", { className: "hint", role: "status" });
  const done = create("button", { className: "main" }, link ? "Change" : "Insert");
  const remove = create("button", { type: "button", hidden: !link }, "Remove link");
  const controls = create(
    "form", { method: "dialog", className: "field" },
    create("label", { htmlFor: address.id }, "Address or title of a post"),
    address, list, note,
    create("footer", {}, remove, done),
  );
  const dialog = openDialog(link ? "Change the link" : "Insert a link", controls);
  let active = -1;
  let timer, request;

  async function search() {
    const text = address.value.trim();
    request?.abort();
    request = new AbortController();
    if (toAddress(text)) return show([]);
    try {
      show(await fetchJson(form.dataset.titles, { q: text }, request.signal));
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = error.message;
    }
  }

  function show(posts) {
    list.replaceChildren(...posts.map(option));
    list.hidden = !posts.length;
    address.setAttribute("aria-expanded", String(!list.hidden));
    note.textContent = posts.length || toAddress(address.value) || !address.value.trim() ? "" : "No post has this title. Enter an address that begins with https://.";
    activate(address.value.trim() && posts.length ? 0 : -1);
  }

  function option(post, number) {
    const item = create("li", { id: `link-post-${number}`, role: "option", dir: "auto" }, post.title || "Untitled");
    if (!post.is_public) item.append(create("span", { className: "hint" }, " Draft"));
    item.post = post;
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => insert(post.url, post.title));
    return item;
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) address.removeAttribute("aria-activedescendant");
    else address.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function insert(url, title) {
    const text = link ? link.text : escapeText(toAddress(selected) ? title || url : selected || title || url);
    dialog.close();
    const markdown = `[${text}](${escapeUrl(url)}${link?.title ?? ""})`;
    field.replace(from, to, markdown);
    field.focus();
  }

  controls.addEventListener("submit", (event) => {
    event.preventDefault();
    const { post } = list.children[active] ?? {};
    const url = toAddress(address.value);
    // The posts of what was typed before may still be shown.
    if (url) insert(url);
    else if (post) insert(post.url, post.title);
    else {
      note.textContent = "Enter an address, or choose a post.";
      address.focus();
    }
  });
  remove.addEventListener("click", () => {
    dialog.close();
    field.replace(from, to, link.text);
    field.focus();
  });
  address.addEventListener("input", () => {
    clearTimeout(timer);
    request?.abort();
    timer = setTimeout(search, SEARCH_DELAY_MS);
  });
  address.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden || event.isComposing) return;
    event.preventDefault();
    const { length } = list.children;
    activate((active + step + length) % length);
  });
  address.select();
  search();
}

/** Return the link around the selection with its range and parts, if there is one. */
function linkAt(text, { from, to }) {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const end = text.indexOf("\n", to);
  const line = text.slice(start, end < 0 ? text.length : end);
  for (const match of line.matchAll(LINK)) {
    const at = start + match.index;
    const isPicture = text[at - 1] === "!";
    if (!isPicture && at <= from && at + match[0].length >= to) {
      return { from: at, to: at + match[0].length, text: match[1], url: match[2], title: match[3] };
    }
  }
  return undefined;
}

/** Return what a person typed as an address, or an empty string if it is none. */
function toAddress(typed) {
  const text = typed.trim();
  if (ADDRESS.test(text)) return text;
  if (EMAIL.test(text)) return `mailto:${text}`;
  return HOST.test(text) ? `https://${text}` : "";
}

function escapeUrl(url) {
  return url.replaceAll("(", "%28").replaceAll(")", "%29").replaceAll("<", "%3C").replaceAll(">", "%3E");
}

function escapeText(text) {
  return text.replace(/\s*\n\s*/g, " ").replace(/[[\]]/g, "\\$&");
}
