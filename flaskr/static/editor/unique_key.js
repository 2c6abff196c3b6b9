// Gives a form a key of its own when another tab has the same page open, such as a duplicated tab.

import { keyOf, newKey, setKey } from "./form.js";

export function ownKey(form) {
  const channel = new BroadcastChannel("flaskr-editor");
  channel.addEventListener("message", ({ data }) => {
    if (data.key !== keyOf(form)) return;
    if (data.asks) channel.postMessage({ key: data.key });
    else setKey(form, newKey());
  });
  channel.postMessage({ key: keyOf(form), asks: true });
}
