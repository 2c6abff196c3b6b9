// Keeps what is typed: in this browser at once, at the server every few seconds.

import { baseOf, fieldsAsLoaded, fieldsOf, formData, keyOf, ownerOf } from "./form.js";
import { forget, remember } from "./local_store.js";
import { send } from "./autosave_request.js";
import { say } from "./status.js";

const HERE_AFTER = 400;
const THERE_AFTER = 4000;

/** Keep the form's text as it changes; returns a function that has the server keep it now. */
export function autosave(form) {
  const { post } = form.dataset;
  const user = ownerOf(form);
  const loaded = JSON.stringify(fieldsAsLoaded(form));
  let there = loaded;
  let storable = true;
  let hereTimer, thereTimer;
  let sending = Promise.resolve("kept");

  const text = () => JSON.stringify(fieldsOf(form));

  function changed() {
    hereTimer ??= setTimeout(keepHere, HERE_AFTER);
    thereTimer ??= setTimeout(keepThere, THERE_AFTER);
  }

  function keepHere() {
    clearTimeout(hereTimer);
    hereTimer = undefined;
    if (text() === there) return;
    storable = remember(user, keyOf(form), { post, base: baseOf(form), fields: fieldsOf(form) });
  }

  function keepThere() {
    clearTimeout(thereTimer);
    thereTimer = undefined;
    keepHere();
    sending = sending.then(sendText);
    return sending;
  }

  async function sendText() {
    const fields = fieldsOf(form);
    const now = JSON.stringify(fields);
    if (now === there) return "kept";
    const key = keyOf(form);
    // What is as it was when the page came needs no keeping: nothing in it is typed.
    const data = now === loaded && !form.dataset.restored ? new FormData() : formData(fields, baseOf(form));
    const { outcome, at, error } = await send(form, { key, post, data });
    if (outcome === "kept") {
      there = now;
      if (text() === there) forget(user, key);
      say(form, now === loaded ? "Nothing is changed." : `Changes kept ${at}.`);
    } else {
      report(outcome, error);
      if (outcome === "away" || outcome === "logged out") changed();
    }
    return outcome;
  }

  function report(outcome, error) {
    const here = storable ? "Your text is kept in this browser." : "Keep this page open.";
    if (outcome !== "logged out") say(form, `${error} ${here}`);
    else {
      const link = { href: form.dataset.login, text: "Log In" };
      say(form, "You are logged out. Log in in another tab, then go on.", link);
    }
  }

  function again() {
    if (text() !== there) keepThere();
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Leaving the page, or coming back from the tab in which one has logged in.
  addEventListener("pagehide", keepHere);
  addEventListener("visibilitychange", () => (document.hidden ? keepHere() : again()));
  addEventListener("focus", again);
  addEventListener("online", again);
  // Browsers put back what was typed before a reload only after this has run.
  addEventListener("pageshow", () => text() !== loaded && changed());
  return keepThere;
}
