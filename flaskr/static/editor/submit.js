// Autosaves before the form is submitted, so that no text is lost if saving fails.

import { showStatus } from "./status.js";

export function autosaveBeforeSubmit(form, autosaveNow) {
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) {
      ready = false;
      return;
    }
    event.preventDefault();
    showStatus(form, "Saving…");
    const outcome = await autosaveNow();
    // If the autosave is refused, the error of the form itself says more.
    if (outcome === "saved" || outcome === "refused") {
      // A form cannot be submitted again during its own submit event.
      setTimeout(() => {
        ready = true;
        form.requestSubmit(event.submitter);
      });
    }
  });
  // Clear the message when the browser returns to this page from its cache.
  addEventListener("pageshow", (event) => event.persisted && showStatus(form, ""));
}
