// Offers what the browser kept while the server was away: it goes to the server, and from there
// into the bar.

import { fieldsOf, formData, keyOf, newKey, ownerOf, setKey } from "./form.js";
import { forget, remembered } from "./local_store.js";
import { send } from "./autosave_request.js";

export async function offerRemembered(form, offers) {
  const user = ownerOf(form);
  const texts = remembered(user);
  const same = texts.find((text) => text.key === keyOf(form));
  if (same && JSON.stringify(same.fields) !== JSON.stringify(fieldsOf(form))) {
    setKey(form, newKey());
  }
  let news = false;
  for (const { key, post, base, fields, at } of texts) {
    if (key === keyOf(form)) continue;
    const age = Math.round((Date.now() - at) / 1000);
    const { outcome } = await send(form, { key, post, age, data: formData(fields, base) });
    if (outcome !== "kept") continue;
    forget(user, key);
    news = true;
  }
  if (news) await refresh(form, offers);
}

async function refresh(form, offers) {
  const address = new URL(offers.dataset.offers, location.href);
  address.searchParams.set("but", keyOf(form));
  try {
    const answer = await fetch(address, { redirect: "manual" });
    if (answer.ok) offers.innerHTML = await answer.text();
  } catch {
    // They are at the server now, and stand here the next time.
  }
}
