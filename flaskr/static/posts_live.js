// Keeps the list of posts up to date, except while somebody uses it.

import { listen } from "./live.js";

const list = document.querySelector("[data-live]");
const filters = document.querySelector(".filters");
let isOutdated = false;

listen(list.dataset.live, { posts: update });
for (const part of [list, filters]) {
  for (const type of ["change", "focusout"]) part.addEventListener(type, () => isOutdated && update());
}

async function update() {
  isOutdated = true;
  if (isInUse()) return;
  const fresh = await load();
  if (!fresh || isInUse()) return;
  isOutdated = false;
  replace(list, fresh.querySelector("[data-live]"));
  replace(filters, fresh.querySelector(".filters"));
}

function isInUse() {
  return filters.matches(":focus-within") || list.matches(":focus-within, :has(:checked, details[open])");
}

function replace(old, fresh) {
  if (fresh.innerHTML !== old.innerHTML) old.replaceChildren(...fresh.childNodes);
}

async function load() {
  try {
    const response = await fetch(location.href);
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}
