// Discards unsaved changes, also those that were saved under another key since the page was loaded.

import { keyOf, metadata } from "./form.js";

export function discardChanges(form, saver) {
  const pending = document.querySelector("[data-pending]");
  const discard = pending?.querySelector("[data-discard]");
  if (!discard) return;
  form.addEventListener("flaskr:saved", () => {
    if (metadata(form, "restored")) return;
    const url = `${form.dataset.unsaved}/${keyOf(form)}`;
    pending.querySelector("[data-compare]").href = url;
    discard.action = `${url}/delete`;
  });
  discard.addEventListener("submit", async (event) => {
    event.preventDefault();
    await saver.stop();
    discard.submit();
  });
}
