// Saves the form as it changes: in this browser at once, on the server after a pause. A save never
// moves the caret, and never waits for the user.

import { fieldsAsLoaded, fieldsOf, fill, keyOf, metadata, newKey, ownerOf, setMetadata } from "./form.js";
import { canStore, removeText, storeText } from "./local_store.js";
import { adoptPost } from "./new_post.js";
import { sendForm } from "./autosave_request.js";
import { clearAlert, showAlert, showState } from "./status.js";

const LOCAL_DELAY_MS = 400;
const PAUSE_MS = 2000;
const MAX_DELAY_MS = 5000;
const SLOW_MS = 1000;
const RETRY_MS = 3000;
const MAX_RETRY_MS = 20_000;

/**
 * Save the form as it changes. Return the functions `saveNow` and `stop`, and the `state`.
 *
 * `saveNow` resolves to the outcome of `sendForm`. A draft that is saved with `explicit` becomes a
 * version of its own; `force` saves even without changes, to receive those of others.
 */
export function autosave(form, field, { onSaved = () => {} } = {}) {
  const user = ownerOf(form);
  const loaded = JSON.stringify(fieldsAsLoaded(form));
  // A form that is shown again with an error was not saved.
  let savedText = "submitted" in form.dataset ? "" : loaded;
  let explicitText = "";
  let isStoredLocally = canStore();
  let failures = 0;
  let stopped = false;
  let isClosing = false;
  let localTimer, pauseTimer, latestTimer;
  let running = Promise.resolve("saved");
  let waiting = null;
  let wanted = {};
  const saver = {
    saveNow,
    stop,
    state: form.querySelector("[data-status]").textContent,
    isSubmitting: false,
  };

  const currentText = () => JSON.stringify(fieldsOf(form));
  const isDirty = () => currentText() !== savedText;

  function schedule() {
    localTimer ??= setTimeout(saveLocally, LOCAL_DELAY_MS);
    clearTimeout(pauseTimer);
    pauseTimer = setTimeout(saveNow, PAUSE_MS);
    latestTimer ??= setTimeout(saveNow, MAX_DELAY_MS);
  }

  function saveLocally() {
    clearTimeout(localTimer);
    localTimer = undefined;
    if (stopped || !isDirty()) return;
    const { key, ...text } = copyOf(fieldsOf(form));
    isStoredLocally = storeText(user, key, text);
  }

  function copyOf(fields) {
    return {
      key: keyOf(form),
      post: form.dataset.post,
      base: metadata(form, "base"),
      restored: metadata(form, "restored"),
      fields,
    };
  }

  function saveNow({ explicit = false, force = false } = {}) {
    clearTimeout(pauseTimer);
    clearTimeout(latestTimer);
    latestTimer = undefined;
    saveLocally();
    wanted = { explicit: explicit || wanted.explicit, force: force || wanted.force };
    // One request at a time: the next one has the latest text.
    waiting ??= running.then(start);
    return waiting;
  }

  function start() {
    const options = wanted;
    [waiting, wanted] = [null, {}];
    running = save(options).catch(() => "unreachable");
    return running;
  }

  async function save({ explicit, force }) {
    const fields = fieldsOf(form);
    const text = JSON.stringify(fields);
    const isChanged = text !== savedText;
    const makesVersion = explicit && text !== explicitText && form.dataset.postStatus === "draft";
    if (stopped || (!isChanged && !force && !makesVersion)) {
      if (!stopped) succeed();
      return "saved";
    }
    const slow = setTimeout(() => showState(form, "Saving…"), explicit ? 0 : SLOW_MS);
    const base = metadata(form, "base");
    const result = await sendForm(form, { ...copyOf(fields), explicit });
    clearTimeout(slow);
    if (stopped) return result.outcome;
    if (result.outcome === "saved") {
      if (explicit) explicitText = text;
      accept(fields, text, result.answer);
      if (isChanged) onSaved();
    } else if (result.outcome === "conflict") {
      savedText = text;
      succeed(`Not saved: ${result.error}`);
      announce("flaskr:conflict", { ...result.answer.conflict, fields: Object.fromEntries(fields), base });
    } else {
      fail(result, explicit);
    }
    return result.outcome;
  }

  function accept(fields, text, answer) {
    savedText = text;
    setMetadata(form, "base", answer.base);
    setMetadata(form, "restored", "");
    adoptPost(form, answer);
    if (answer.merged) merge(fields, answer.merged);
    const problems = Object.values(answer.errors);
    succeed(problems.length ? `${answer.state} Not saved: ${problems.join(" ")}` : answer.state);
    announce("flaskr:saved", answer);
  }

  /** Add the changes of others to what was typed while they were fetched. */
  function merge(fields, { title, body }) {
    const isUnchanged = !isDirty();
    const sent = Object.fromEntries(fields);
    const titleField = form.elements.namedItem("title");
    const isTitleNew = title !== sent.title.split(/\s+/).filter(Boolean).join(" ");
    if (isTitleNew && titleField.value === sent.title) fill(form, field, [["title", title]]);
    const sentBody = sent.body.replace(/\r\n?/g, "\n");
    if (body !== sentBody) field.applyRemoteText(sentBody, body);
    if (isUnchanged) savedText = currentText();
  }

  function succeed(state = saver.state) {
    failures = 0;
    saver.state = state;
    if (!isDirty()) removeText(user, keyOf(form));
    else schedule();
    clearAlert(form);
    showState(form, state);
  }

  function announce(name, detail) {
    form.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function fail({ outcome, error, status }, explicit) {
    failures++;
    const advice = isStoredLocally ? "Your text is stored in this browser." : "Keep this page open.";
    showState(form, `Not saved: ${error}`);
    if (outcome === "logged out") {
      const link = { href: form.dataset.login, text: "Log in in a new tab" };
      showAlert(form, `${error} ${advice} Log in, and it is saved by itself.`, link);
    } else if (outcome !== "unreachable") {
      showAlert(form, `Not saved. ${error} ${advice}`);
    } else if (explicit || failures > 1) {
      const next = "It is saved as soon as the blog answers again.";
      showAlert(form, `Not saved. ${error} ${advice} ${status === 429 ? "" : next}`);
    }
    if (outcome === "unreachable" || outcome === "logged out") {
      clearTimeout(pauseTimer);
      pauseTimer = setTimeout(saveNow, Math.min(MAX_RETRY_MS, RETRY_MS * failures));
    }
  }

  function retry() {
    if (!isClosing && isDirty()) saveNow();
  }

  /** Send what is not saved yet without waiting: the answer may find the page gone. */
  function saveWhileClosing() {
    saveLocally();
    isClosing = true;
    if (stopped || saver.isSubmitting || !isDirty()) return;
    sendForm(form, { ...copyOf(fieldsOf(form)), closing: true });
  }

  /** Save no more. Resolves when the server has answered. */
  function stop() {
    stopped = true;
    removeText(user, keyOf(form));
    return running;
  }

  /** Fetch the changes that were saved while the browser kept this page for its Back button. */
  function catchUp() {
    isClosing = saver.isSubmitting = false;
    if (form.dataset.postStatus === "draft") saveNow({ force: true });
  }

  form.addEventListener("input", schedule);
  form.addEventListener("change", schedule);
  // The user may leave the page, or return from the tab in which they logged in.
  addEventListener("pagehide", saveWhileClosing);
  addEventListener("visibilitychange", retry);
  addEventListener("focus", retry);
  addEventListener("online", retry);
  addEventListener("beforeunload", (event) => {
    if (!stopped && isDirty() && !isStoredLocally) event.preventDefault();
  });
  addEventListener("pageshow", (event) => event.persisted && catchUp());
  // Browsers restore typed text after a reload only once this script has run.
  addEventListener("pageshow", () => isDirty() && schedule());
  if (isDirty()) schedule();
  if (isStoredLocally) leaveRestoringToUs(form);
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    // The page may be an old copy: the server merges what it lacks under another key only.
    setMetadata(form, "key", newKey());
    catchUp();
  }
  return saver;
}

/** Keep the browser from filling a reloaded form with older text than the server's. */
function leaveRestoringToUs(form) {
  form.autocomplete = "off";
}
