// Shows the autosave status in the editor's action bar.

/** Show a message, optionally with a link that opens in a new tab. */
export function showStatus(form, text, link) {
  const line = form.querySelector("[data-status]");
  if (line.dataset.message === text) return;
  line.dataset.message = text;
  line.textContent = text;
  if (!link) return;
  const anchor = document.createElement("a");
  Object.assign(anchor, { href: link.href, target: "_blank", textContent: link.text });
  line.append(" ", anchor);
}
