// Talks to the editor's other tabs: each form has a key of its own, and a tab that saves a draft
// tells those that have it open.

import { keyOf, newKey, setMetadata } from "./form.js";

const ANSWER_MS = 250;

/** Join the other tabs. `onSaved` is called when another one has saved the same post. */
export function joinTabs(form, onSaved) {
  const channel = new BroadcastChannel("flaskr-editor");
  const answered = new Set();
  const ask = (key) => channel.postMessage({ key, asks: true });

  channel.addEventListener("message", ({ data }) => {
    if (data.saved) {
      const isSame = data.saved === form.dataset.post && data.user === form.dataset.user;
      if (isSame && form.dataset.postStatus === "draft") onSaved();
    } else if (data.asks) {
      if (data.key === keyOf(form)) channel.postMessage({ key: data.key });
    } else {
      answered.add(data.key);
      // A duplicated tab, or one that was asleep while another took over its text.
      if (data.key === keyOf(form)) setMetadata(form, "key", newKey());
    }
  });
  addEventListener("visibilitychange", () => document.hidden || ask(keyOf(form)));
  ask(keyOf(form));

  return {
    /** Use the key of a text from a tab that is gone. */
    claim(key) {
      setMetadata(form, "key", key);
      ask(key);
    },
    announceSave: () => channel.postMessage({ saved: form.dataset.post, user: form.dataset.user }),
    /** Return those of the keys that no other tab uses. */
    async findUnused(keys) {
      if (!keys.length) return keys;
      answered.clear();
      keys.forEach(ask);
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      return keys.filter((key) => !answered.has(key));
    },
  };
}
