// Cleans HTML from the clipboard of browsers and word processors, down to what Markdown can say.

const REMOVED = "script, former-style, meta, link, title, head, template, noscript, iframe, object, embed, svg, button, select, textarea, xml";
const STRUCTURE = "h1, h2, h3, h4, h5, h6, ul, ol, a[href], strong, b, em, i, del, s, code, pre, table, blockquote, img, hr";
// More would keep the browser busy for many seconds.
const MAX_ELEMENTS = 30_000;
const MONOSPACE = /courier|consolas|monaco|menlo|mono\b|monospace|source code/i;
const LINK_SCHEMES = /^(https?:|mailto:|tel:|#|\/)/i;
const BLOCKS = /^(p|div|ul|ol|h[1-6]|table|blockquote|pre|hr|section)$/;

/** Return the cleaned content of the clipboard's HTML, or null if plain text says the same. */
export function cleanHtml(html) {
  // A parsed document runs no scripts and loads no images.
  const { body } = new DOMParser().parseFromString(renameStyles(html), "text/html");
  if (body.getElementsByTagName("*").length > MAX_ELEMENTS) return null;
  removeComments(body);
  for (const element of body.querySelectorAll(REMOVED)) element.remove();
  convertWordLists(body);
  // Google Docs wraps everything in a <b> that is not bold.
  for (const element of body.querySelectorAll("b, strong")) if (isNormal(element)) unwrap(element);
  for (const element of [...body.querySelectorAll("*")].reverse()) simplify(element);
  convertFootnotes(body);
  markTasks(body);
  nestLists(body);
  for (const table of body.querySelectorAll("table")) tidyTable(table);
  for (const link of body.querySelectorAll("a")) tidyLink(link);
  for (const heading of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) unwrapAll(heading, "strong, b, .anchor");
  joinMarks(body);
  return body.querySelector(STRUCTURE) || body.querySelector("[data-footnote]") ? body : null;
}

/** Rename styles, because the content security policy would report each of them. */
function renameStyles(html) {
  return html
    .replace(/<(\/?)style\b/gi, "<$1former-style")
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

function removeComments(root) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

function unwrapAll(root, selector) {
  for (const element of root.querySelectorAll(selector)) unwrap(element);
}

function rename(element, name) {
  const renamed = element.ownerDocument.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

function styleOf(element) {
  return (element.dataset?.style ?? "").toLowerCase();
}

/** Word writes lists as paragraphs whose style has the level and whose text has the mark. */
function convertWordLists(body) {
  let stack = [];
  let last = null;
  for (const paragraph of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div")]) {
    const match = styleOf(paragraph).match(/mso-list:\s*l\d+\s+level(\d+)/);
    if (!match) continue;
    const level = Number(match[1]);
    const marks = [...paragraph.querySelectorAll("[data-style]")].filter((part) => /mso-list:\s*ignore/.test(styleOf(part)));
    const isNumber = /^\s*\(?[\p{L}\p{N}]{1,5}[.)]/u.test(marks[0]?.textContent ?? "");
    for (const mark of marks) mark.remove();
    // Only paragraphs that follow each other are one list.
    if (!last || previousElement(paragraph) !== stack[0]?.list) stack = [];
    while (stack.length && stack.at(-1).level > level) stack.pop();
    if (!stack.length || stack.at(-1).level < level) {
      const list = body.ownerDocument.createElement(isNumber ? "ol" : "ul");
      if (stack.length) stack.at(-1).list.lastElementChild.append(list);
      else paragraph.before(list);
      stack.push({ level, list });
    }
    const item = body.ownerDocument.createElement("li");
    item.append(...paragraph.childNodes);
    stack.at(-1).list.append(item);
    paragraph.remove();
    last = item;
  }
}

function previousElement(element) {
  let node = element.previousSibling;
  while (node && node.nodeType === Node.TEXT_NODE && !node.data.trim()) node = node.previousSibling;
  return node;
}

/** Turn styles into elements, and remove elements that mean nothing. */
function simplify(element) {
  const name = element.localName;
  const style = styleOf(element);
  if (name.includes(":") || name === "font" || name === "center") return unwrap(element);
  if (name === "br" && isBetweenBlocks(element)) return element.remove();
  if (/display:\s*none|mso-hide:\s*all/.test(style)) return element.remove();
  if (name === "p" && /msotitle/i.test(element.className)) return rename(element, "h1");
  if (name === "p" && /msoheading([1-6])/i.test(element.className)) return rename(element, `h${element.className.match(/msoheading([1-6])/i)[1]}`);
  if (/^(p|div|h[1-6])$/.test(name) && element.getAttribute("role") === "heading") return rename(element, `h${element.getAttribute("aria-level") || 2}`);
  if (isCodeBlock(element, style)) return toCodeBlock(element);
  if (name === "span" || name === "font") return applyStyle(element, style);
  if (name === "u" || name === "ins") return unwrap(element);
  return undefined;
}

function isNormal(element) {
  return /(^|[^-])font-weight:\s*(normal|400)/.test(styleOf(element));
}

function isBetweenBlocks(br) {
  return isEdge(br.previousSibling) || isEdge(br.nextSibling);
}

function isEdge(node) {
  return !node || (node.nodeType === Node.ELEMENT_NODE ? BLOCKS.test(node.localName) : !node.data.trim() && isEdge(node.nextSibling));
}

function isCodeBlock(element, style) {
  return /^(div|p)$/.test(element.localName) && MONOSPACE.test(style) && /white-space:\s*pre/.test(style);
}

function toCodeBlock(element) {
  const lines = element.querySelectorAll("div, p");
  for (const line of lines) line.append("\n");
  for (const line of element.querySelectorAll("br")) line.replaceWith("\n");
  const pre = element.ownerDocument.createElement("pre");
  const code = element.ownerDocument.createElement("code");
  code.textContent = element.textContent.replace(/\u00a0/g, " ").replace(/\n$/, "");
  pre.append(code);
  element.replaceWith(pre);
}

function applyStyle(span, style) {
  const marks = [];
  const inside = (selector) => span.closest(selector) !== null;
  if (/font-weight:\s*(bold|[6-9]00)/.test(style) && !inside("b, strong, h1, h2, h3, h4, h5, h6, th")) marks.push("strong");
  if (/font-style:\s*italic/.test(style) && !inside("i, em")) marks.push("em");
  if (/text-decoration[^;]*line-through/.test(style) && !inside("s, del")) marks.push("del");
  if (/font-family/.test(style) && MONOSPACE.test(style) && !inside("pre, code") && !span.closest("a")) marks.push("code");
  let content = [...span.childNodes];
  for (const mark of marks.reverse()) {
    if (!span.textContent.trim()) break;
    const element = span.ownerDocument.createElement(mark);
    element.append(...content);
    content = [element];
  }
  span.replaceWith(...content);
}

/** Join marks next to each other: word processors split one into many. */
function joinMarks(body) {
  for (const mark of body.querySelectorAll("strong, b, em, i, del, code")) {
    const next = mark.nextSibling;
    if (next?.localName !== mark.localName || mark.closest("pre")) continue;
    next.prepend(...mark.childNodes);
    mark.remove();
  }
}

/** Mark footnotes: a link to a note that links back to it. */
function convertFootnotes(body) {
  for (const line of body.querySelectorAll("[data-style*='mso-element:footnote-list'] hr")) line.remove();
  const byId = new Map();
  for (const element of body.querySelectorAll("[id], a[name]")) {
    for (const key of [element.id, element.getAttribute("name")]) if (key) byId.set(key, element);
  }
  const notes = new Map();
  for (const link of body.querySelectorAll("a[href*='#']")) {
    const target = byId.get(fragmentOf(link));
    const note = target && noteOf(target);
    if (!note || note.contains(link) || notes.has(note)) continue;
    const back = [...note.querySelectorAll("a[href*='#']")].filter((other) => pointsAt(other, link, byId));
    if (!back.length) continue;
    notes.set(note, String(notes.size + 1));
    for (const other of back) removeBackLink(other);
    const reference = body.ownerDocument.createElement("span");
    reference.dataset.footnote = notes.get(note);
    reference.textContent = `[^${notes.get(note)}]`;
    (link.closest("sup") ?? link).replaceWith(reference);
  }
  for (const [note, label] of notes) {
    const text = body.ownerDocument.createElement("div");
    text.dataset.footnoteText = label;
    text.append(...note.childNodes);
    note.remove();
    body.append(text);
  }
  for (const list of body.querySelectorAll("ol, ul, section, .footnotes")) {
    if (notes.size && !list.textContent.trim() && !list.querySelector("img")) list.remove();
  }
}

function fragmentOf(link) {
  return decodeURIComponentSafely(link.getAttribute("href").split("#").pop());
}

function decodeURIComponentSafely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function noteOf(target) {
  return target.matches("li, div, aside") ? target : target.closest("li, [id^='sdfootnote'], [id^='ftn'], p, div");
}

function pointsAt(back, link, byId) {
  const source = byId.get(fragmentOf(back));
  return source !== undefined && (source === link || source.contains(link) || link.contains(source) || source.parentElement === link.parentElement);
}

function removeBackLink(link) {
  (link.closest("sup") ?? link).remove();
}

/** Note the state of tasks in `data-task` of their items, in place of checkboxes. */
function markTasks(body) {
  for (const item of body.querySelectorAll("li[aria-checked]")) {
    item.dataset.task = item.getAttribute("aria-checked") === "true" ? "x" : " ";
    // Google Docs draws the checkbox.
    if (item.firstElementChild?.localName === "img") item.firstElementChild.remove();
  }
  for (const box of body.querySelectorAll("input[type='checkbox']")) {
    const item = box.closest("li");
    if (item) item.dataset.task ??= box.checked ? "x" : " ";
    box.remove();
  }
}

/** Move lists that are between items into the item before, and unwrap paragraphs of short items. */
function nestLists(body) {
  for (const list of body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) {
    const item = list.previousElementSibling;
    if (item) item.append(list);
  }
  for (const paragraph of body.querySelectorAll("li > p:only-of-type, li > div:only-of-type")) {
    if (!paragraph.querySelector("p, div, pre, table")) unwrap(paragraph);
  }
}

/** Make the first row a header if there is none, and put each cell on one line. */
function tidyTable(table) {
  // A table around a whole page only arranges it.
  if (table.querySelector("table, h1, h2, h3, pre") || table.rows.length < 1) {
    for (const cell of [...table.querySelectorAll("td, th")].reverse()) if (cell.closest("table") === table) rename(cell, "div");
    unwrapAll(table, "colgroup, thead, tbody, tfoot, tr, caption");
    rename(table, "div");
    return;
  }
  unwrapAll(table, "caption, colgroup");
  const width = Math.max(...[...table.rows].map((row) => row.cells.length));
  const fragment = table.ownerDocument.createElement("table");
  const [head, ...rest] = [...table.rows];
  const thead = fragment.createTHead();
  const tbody = fragment.createTBody();
  thead.append(tidyRow(head, "th", width));
  tbody.append(...rest.map((row) => tidyRow(row, "td", width)));
  table.replaceWith(fragment);
}

function tidyRow(row, name, width) {
  const tidy = row.ownerDocument.createElement("tr");
  for (let number = 0; number < width; number++) {
    const cell = row.ownerDocument.createElement(name);
    const old = row.cells[number];
    if (old) {
      for (const br of old.querySelectorAll("br")) br.replaceWith(" ");
      for (const block of old.querySelectorAll("p, div, li")) block.append(" ");
      unwrapAll(old, "p, div, ul, ol, li, h4, h5, h6");
      if (name === "th") unwrapAll(old, "strong, b");
      cell.append(...old.childNodes);
      const align = old.getAttribute("align") || `${styleOf(old)} ${old.className}`.match(/\b(?:text-align:\s*|align-)(left|right|center)/)?.[1];
      if (align) cell.setAttribute("align", align);
    }
    tidy.append(cell);
  }
  return tidy;
}

function tidyLink(link) {
  let href = (link.getAttribute("href") ?? "").trim();
  // Google wraps the links of its results and documents.
  const wrapped = href.match(/^https:\/\/www\.google\.[a-z.]+\/url\?(?:.*&)?q=([^&]+)/);
  if (wrapped) href = decodeURIComponentSafely(wrapped[1]);
  if (href.startsWith(`${location.origin}/`)) href = href.slice(location.origin.length);
  if (!LINK_SCHEMES.test(href) || href.startsWith("#") || !(link.textContent.trim() || link.querySelector("img"))) unwrap(link);
  else link.setAttribute("href", href);
}
