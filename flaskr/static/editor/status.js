// The quiet line that says what is saved and when.

/** Say something, perhaps with a link that opens beside this page. */
export function say(form, text, link) {
  const line = form.querySelector("[data-status]");
  if (line.dataset.said === text) return;
  line.dataset.said = text;
  line.textContent = text;
  if (!link) return;
  const anchor = document.createElement("a");
  Object.assign(anchor, { href: link.href, target: "_blank", textContent: link.text });
  line.append(" ", anchor);
}
