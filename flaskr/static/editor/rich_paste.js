// Turns formatted text from the clipboard into Markdown. Ctrl+Shift+V pastes plain text.

import { cleanHtml } from "./clipboard_html.js";
import { showAlert } from "./upload.js";
import { trackPositions } from "./tracked_positions.js";

const DATA_IMAGE = /^data:(image\/(?:png|jpe?g|gif|webp|avif));base64,/i;
const OWN_FILE = /^\/media\/[0-9a-f]{32}/;

/** Attach the pasting of formatted text. `uploadFiles` takes files and a position. */
export function pasteFormatted(form, field, uploadFiles) {
  const track = trackPositions(field);
  let plain = false;

  field.dom.addEventListener("keydown", (event) => {
    plain = (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "v";
  }, true);
  field.dom.addEventListener(
    "paste",
    (event) => {
      const { clipboardData } = event;
      const isPlain = plain;
      plain = false;
      const html = clipboardData.getData("text/html");
      const isCode = clipboardData.types.includes("vscode-editor-data");
      if (isPlain || !html || isCode || isInCode(field)) return;
      const content = cleanOrNull(html);
      if (!content) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      insertContent(content, clipboardData.getData("text/plain"));
    },
    true,
  );

  async function insertContent(content, plainText) {
    const { from, to } = field.selection;
    const places = [track(from), track(to)];
    const { files, lost } = takePictures(content);
    const markdown = await toMarkdown(content).catch(() => plainText);
    const [start, end] = places.map((place) => place.at);
    for (const place of places) place.stop();
    if (markdown) {
      const text = surround(field.text, start, end, markdown);
      field.replace(start, end, text, { scrollIntoView: true });
    }
    if (files.length) uploadFiles(files);
    if (lost) tellOfLostPictures(form, lost);
  }
}

/** Return the cleaned content, or null if plain text does as well or the HTML is too deep to read. */
function cleanOrNull(html) {
  try {
    return cleanHtml(html);
  } catch {
    return null;
  }
}

/** Return true if the caret is in a fenced block of code. */
function isInCode(field) {
  const fences = field.text.slice(0, field.selection.from).match(/^ {0,3}(```|~~~)/gm);
  return (fences?.length ?? 0) % 2 === 1;
}

/** Remove pictures that have no address of their own. Return the files of those that have content. */
function takePictures(content) {
  const files = [];
  let lost = 0;
  for (const image of content.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    const own = source.startsWith(`${location.origin}/`) ? source.slice(location.origin.length) : source;
    if (/^https?:/i.test(own) || OWN_FILE.test(own)) {
      image.setAttribute("src", own);
      continue;
    }
    const file = toFile(source, files.length + 1);
    if (file) files.push(file);
    else if (source) lost++;
    image.remove();
  }
  return { files, lost };
}

function toFile(source, number) {
  const [prefix, type] = source.match(DATA_IMAGE) ?? [];
  if (!prefix) return null;
  try {
    const bytes = Uint8Array.from(atob(source.slice(prefix.length)), (letter) => letter.charCodeAt(0));
    return new File([bytes], `picture-${number}.${type.split("/")[1]}`, { type });
  } catch {
    return null;
  }
}

let loading;

async function toMarkdown(content) {
  loading ??= import("../vendor/turndown/turndown.js").then(createService);
  const service = await loading;
  const markdown = service.turndown(content);
  return markdown.replace(/\u00a0/g, " ").replace(/[ \t]+$/gm, "").replace(/\n{3,}/g, "\n\n").trim();
}

function createService({ TurndownService, tables }) {
  const service = new TurndownService({
    headingStyle: "atx", hr: "---", bulletListMarker: "-", codeBlockStyle: "fenced", emDelimiter: "*", br: "\\",
  });
  service.use(tables);
  service.addRule("strikethrough", { filter: ["del", "s", "strike"], replacement: (text) => (text.trim() ? `~~${text}~~` : text) });
  service.addRule("cell", { filter: ["th", "td"], replacement: toCell });
  service.addRule("item", { filter: "li", replacement: toItem });
  service.addRule("reference", { filter: (node) => node.dataset?.footnote !== undefined, replacement: (_, node) => `[^${node.dataset.footnote}]` });
  service.addRule("note", {
    filter: (node) => node.dataset?.footnoteText !== undefined,
    replacement: (text, node) => `\n\n[^${node.dataset.footnoteText}]: ${text.trim().replace(/\n+/g, "\n    ")}\n\n`,
  });
  return service;
}

function toCell(text, cell) {
  return `${cell.previousElementSibling ? " " : "| "}${text.trim().replaceAll("|", "\\|")} |`;
}

/** Turndown writes three spaces behind a bullet; one is usual. */
function toItem(text, item, options) {
  const list = item.parentNode;
  const number = Number(list.getAttribute("start") ?? 1) + [...list.children].indexOf(item);
  const mark = list.localName === "ol" ? `${number}. ` : `${options.bulletListMarker} `;
  const { task } = item.dataset;
  const content = text.trim().replace(/\n{2,}(?=\s*(?:[-*+]|\d+\.)\s)/g, "\n").replace(/\n/g, `\n${" ".repeat(mark.length)}`);
  return `${mark}${task ? `[${task}] ` : ""}${content}${item.nextSibling ? "\n" : ""}`;
}

/** Add blank lines around Markdown that is more than a part of a line. */
function surround(text, start, end, markdown) {
  if (!/\n|^(#{1,6} |[-*+] |\d+\. |> |\||```|---$)/.test(markdown)) return markdown;
  const before = text.slice(0, start);
  const after = text.slice(end);
  const lead = before.trim() ? "\n".repeat(2 - Math.min(2, before.match(/\n*$/)[0].length)) : "";
  const trail = after.trim() ? "\n".repeat(2 - Math.min(2, after.match(/^\n*/)[0].length)) : "";
  return lead + markdown + trail;
}

function tellOfLostPictures(form, count) {
  const line = document.createElement("p");
  form.querySelector("[data-alerts]").append(line);
  showAlert(line, count === 1 ? "An image could not be pasted. Paste it by itself." : `${count} images could not be pasted. Paste them one by one.`);
}
