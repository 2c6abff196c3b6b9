// Brings back what this browser stored and the server does not have: text of this post appears in
// the form, other texts are sent to the server.

import { blogTime, fieldsOf, fill, keyOf, metadata, ownerOf, setMetadata } from "./form.js";
import { removeText, storedTexts } from "./local_store.js";
import { sendForm } from "./autosave_request.js";

const CLOCK_TOLERANCE_MS = 2000;

export async function recoverTexts(form, field, saver, tabs) {
  const user = ownerOf(form);
  const loaded = fieldsOf(form);
  const found = storedTexts(user);
  const unused = await tabs.findUnused(found.map(({ key }) => key).filter((key) => key !== keyOf(form)));
  const texts = found.filter(({ key }) => key === keyOf(form) || unused.includes(key));
  const isUntouched = JSON.stringify(loaded) === JSON.stringify(fieldsOf(form));
  const shown = texts.find((text) => isUntouched && isNewerThanForm(text, form));
  if (shown) show(form, field, saver, tabs, shown, loaded);
  for (const text of texts) {
    if (text === shown || text.key === keyOf(form)) continue;
    const age = Math.round((Date.now() - text.at) / 1000);
    const { outcome } = await sendForm(form, { ...text, age });
    if (outcome === "saved" || outcome === "conflict") removeText(user, text.key);
    if (text.post && text.post === form.dataset.post) saver.saveNow({ force: true });
  }
}

function isNewerThanForm(text, form) {
  if ((text.post ?? "") !== (form.dataset.post ?? "")) return false;
  const restored = metadata(form, "restored");
  if (text.key === keyOf(form) || restored.startsWith(`${text.key}:`)) return true;
  if (!text.post) return !restored && isBlank(form);
  return Date.now() - text.at < Number(form.dataset.shownAge) * 1000 + CLOCK_TOLERANCE_MS;
}

function isBlank(form) {
  const fields = Object.fromEntries(fieldsOf(form));
  return !fields.title.trim() && !fields.body.trim();
}

function show(form, field, saver, tabs, text, loaded) {
  // The server knows what it has of this text by its key.
  const isSame = metadata(form, "restored").startsWith(`${text.key}:`);
  if (text.key !== keyOf(form)) tabs.claim(text.key);
  setMetadata(form, "base", text.base);
  if (!isSame) setMetadata(form, "restored", text.restored ?? "");
  const isDifferent = JSON.stringify(text.fields) !== JSON.stringify(loaded);
  fill(form, field, text.fields);
  saver.saveNow();
  if (isDifferent) showNotice(form, field, text, loaded);
}

function showNotice(form, field, text, loaded) {
  const notice = document.createElement("div");
  notice.className = "pending";
  notice.setAttribute("role", "status");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "link", textContent: "Go back" });
  button.addEventListener("click", () => {
    fill(form, field, loaded);
    notice.remove();
    field.focus();
  });
  notice.append(`Restored what you typed until ${blogTime(form, text.at)}. `, button);
  document.querySelector("[data-pending]")?.remove();
  form.before(notice);
}
