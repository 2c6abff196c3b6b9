// Gives the form a new key if another tab, such as a duplicated one, already uses its key.

import { keyOf, newKey, setKey } from "./form.js";

export function ensureUniqueKey(form) {
  const channel = new BroadcastChannel("flaskr-editor");
  channel.addEventListener("message", ({ data }) => {
    if (data.key !== keyOf(form)) return;
    if (data.asks) channel.postMessage({ key: data.key });
    else setKey(form, newKey());
  });
  channel.postMessage({ key: keyOf(form), asks: true });
}
