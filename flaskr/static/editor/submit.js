// Saves without losing the page: the server first keeps the text, and only then the form goes.

import { say } from "./status.js";

export function saveSafely(form, keep) {
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) {
      ready = false;
      return;
    }
    event.preventDefault();
    say(form, "Saving …");
    const outcome = await keep();
    // What is refused here may be too long: then the form's own answer says more.
    if (outcome === "kept" || outcome === "refused") {
      // A form that is still being sent cannot be sent again.
      setTimeout(() => {
        ready = true;
        form.requestSubmit(event.submitter);
      });
    }
  });
  // A browser that comes back to this page shows it as it was left.
  addEventListener("pageshow", (event) => event.persisted && say(form, ""));
}
