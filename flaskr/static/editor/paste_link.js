// Turns selected text into a link when a URL is pasted over it.

import { insert, selected } from "./insert.js";

const URL_PATTERN = /^https?:\/\/[^\s<>]+$/;

export function linkPastedUrls(body) {
  body.addEventListener("paste", (event) => {
    const url = event.clipboardData.getData("text/plain").trim();
    const text = selected(body);
    if (!URL_PATTERN.test(url) || !text.trim() || URL_PATTERN.test(text) || /\n\s*\n/.test(text)) return;
    event.preventDefault();
    const escaped = url.replaceAll("(", "%28").replaceAll(")", "%29");
    const label = text.replace(/[[\]]/g, "\\$&");
    insert(body, `[${label}](${escaped})`, body.selectionStart, body.selectionEnd);
  });
}
