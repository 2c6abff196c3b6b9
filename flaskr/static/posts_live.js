// Keeps the list of posts up to date, except while somebody uses it.

import { listen } from "./live.js";

const list = document.querySelector("[data-live]");
let isOutdated = false;

listen(list.dataset.live, { posts: update });
for (const type of ["change", "focusout"]) list.addEventListener(type, () => isOutdated && update());

async function update() {
  isOutdated = true;
  if (isInUse()) return;
  const fresh = await load();
  if (!fresh || isInUse()) return;
  isOutdated = false;
  if (fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
}

function isInUse() {
  return list.matches(":focus-within, :has(:checked, details[open])");
}

async function load() {
  try {
    const response = await fetch(location.href);
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-live]");
  } catch {
    return null;
  }
}
