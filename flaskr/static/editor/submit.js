// Saves at once when asked to, and before the form is submitted, so that no text is lost if that
// fails.

import { showState } from "./status.js";

// The form itself may get through, or says more about what is wrong.
const SUBMITTED = new Set(["saved", "refused", "conflict", "blocked", "denied"]);

/** Save at the usual keys and buttons. Return the function that saves at once. */
export function saveOnSubmit(form, saver) {
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) {
      ready = false;
      saver.isSubmitting = true;
      return;
    }
    event.preventDefault();
    const { submitter } = event;
    showState(form, "Saving…");
    const isSave = submitter?.matches("[data-save]");
    const outcome = await saver.saveNow({ explicit: true });
    if (!SUBMITTED.has(outcome) || (isSave && outcome !== "blocked")) return;
    // A form cannot be submitted again during its own submit event.
    setTimeout(() => {
      ready = true;
      form.requestSubmit(submitter);
    });
  });
  document.addEventListener("keydown", (event) => {
    const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    if (!isSave || event.altKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    save();
  });
  // Clear the message when the browser returns to this page from its cache.
  addEventListener("pageshow", (event) => event.persisted && showState(form, saver.state));

  function save() {
    // Where only forms get through, the button saves a draft.
    const button = form.querySelector("[data-save]");
    if (button) form.requestSubmit(button);
    else saver.saveNow({ explicit: true });
  }
  return save;
}
