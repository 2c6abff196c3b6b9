// Turns selected text into a link when a URL is pasted over it.

const URL_PATTERN = /^https?:\/\/[^\s<>]+$/;

export function linkPastedUrls(field) {
  field.dom.addEventListener(
    "paste",
    (event) => {
      const url = event.clipboardData.getData("text/plain").trim();
      const text = field.selectedText;
      if (!URL_PATTERN.test(url) || !text.trim() || URL_PATTERN.test(text) || /\n\s*\n/.test(text)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const escaped = url.replaceAll("(", "%28").replaceAll(")", "%29");
      const label = text.replace(/[[\]]/g, "\\$&");
      const { from, to } = field.selection;
      field.replace(from, to, `[${label}](${escaped})`);
    },
    true,
  );
}
