// Makes a link of selected text when an address is pasted over it.

import { insert, selected } from "./insert.js";

const ADDRESS = /^https?:\/\/[^\s<>]+$/;

export function linkPastedAddresses(body) {
  body.addEventListener("paste", (event) => {
    const address = event.clipboardData.getData("text/plain").trim();
    const text = selected(body);
    if (!ADDRESS.test(address) || !text.trim() || ADDRESS.test(text) || /\n\s*\n/.test(text)) return;
    event.preventDefault();
    const safe = address.replaceAll("(", "%28").replaceAll(")", "%29");
    const label = text.replace(/[[\]]/g, "\\$&");
    insert(body, `[${label}](${safe})`, body.selectionStart, body.selectionEnd);
  });
}
