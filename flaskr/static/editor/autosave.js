// Autosaves the form: in this browser at once, on the server every few seconds.

import { baseOf, fieldsAsLoaded, fieldsOf, formData, keyOf, ownerOf } from "./form.js";
import { removeText, storeText } from "./local_store.js";
import { sendAutosave } from "./autosave_request.js";
import { showStatus } from "./status.js";

const LOCAL_DELAY_MS = 400;
const SERVER_DELAY_MS = 4000;

/** Autosave the form as it changes. Return a function that autosaves on the server now. */
export function autosave(form) {
  const { post } = form.dataset;
  const user = ownerOf(form);
  const loaded = JSON.stringify(fieldsAsLoaded(form));
  let savedText = loaded;
  let storedLocally = true;
  let localTimer, serverTimer;
  let sending = Promise.resolve("saved");

  const currentText = () => JSON.stringify(fieldsOf(form));

  function schedule() {
    localTimer ??= setTimeout(saveLocally, LOCAL_DELAY_MS);
    serverTimer ??= setTimeout(saveOnServer, SERVER_DELAY_MS);
  }

  function saveLocally() {
    clearTimeout(localTimer);
    localTimer = undefined;
    if (currentText() === savedText) return;
    storedLocally = storeText(user, keyOf(form), { post, base: baseOf(form), fields: fieldsOf(form) });
  }

  function saveOnServer() {
    clearTimeout(serverTimer);
    serverTimer = undefined;
    saveLocally();
    sending = sending.then(sendText);
    return sending;
  }

  async function sendText() {
    const fields = fieldsOf(form);
    const now = JSON.stringify(fields);
    if (now === savedText) return "saved";
    const key = keyOf(form);
    // An empty form deletes the autosave: the text is the same as when the page was loaded.
    const data = now === loaded && !form.dataset.restored ? new FormData() : formData(fields, baseOf(form));
    const { outcome, at, error } = await sendAutosave(form, { key, post, data });
    if (outcome === "saved") {
      savedText = now;
      if (currentText() === savedText) removeText(user, key);
      showStatus(form, now === loaded ? "No unsaved changes." : `Autosaved at ${at}.`);
    } else {
      report(outcome, error);
      if (outcome === "unreachable" || outcome === "logged out") schedule();
    }
    return outcome;
  }

  function report(outcome, error) {
    const advice = storedLocally ? "Your text is stored in this browser." : "Keep this page open.";
    if (outcome !== "logged out") showStatus(form, `${error} ${advice}`);
    else {
      const link = { href: form.dataset.login, text: "Log In" };
      showStatus(form, "You are logged out. Log in in another tab, then continue here.", link);
    }
  }

  function retry() {
    if (currentText() !== savedText) saveOnServer();
  }

  form.addEventListener("input", schedule);
  form.addEventListener("change", schedule);
  // The user may leave the page, or return from the tab in which they logged in.
  addEventListener("pagehide", saveLocally);
  addEventListener("visibilitychange", () => (document.hidden ? saveLocally() : retry()));
  addEventListener("focus", retry);
  addEventListener("online", retry);
  // Browsers restore typed text after a reload only once this script has run.
  addEventListener("pageshow", () => currentText() !== loaded && schedule());
  return saveOnServer;
}
