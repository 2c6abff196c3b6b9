// Sends texts that this browser stored while the server was unreachable, then offers them as
// autosaves.

import { fieldsOf, formData, keyOf, newKey, ownerOf, setKey } from "./form.js";
import { removeText, storedTexts } from "./local_store.js";
import { sendAutosave } from "./autosave_request.js";

export async function offerStoredTexts(form, offers) {
  const user = ownerOf(form);
  const texts = storedTexts(user);
  const duplicate = texts.find((text) => text.key === keyOf(form));
  if (duplicate && JSON.stringify(duplicate.fields) !== JSON.stringify(fieldsOf(form))) {
    setKey(form, newKey());
  }
  let sentAny = false;
  for (const { key, post, base, fields, at } of texts) {
    if (key === keyOf(form)) continue;
    const age = Math.round((Date.now() - at) / 1000);
    const { outcome } = await sendAutosave(form, { key, post, age, data: formData(fields, base) });
    if (outcome !== "saved") continue;
    removeText(user, key);
    sentAny = true;
  }
  if (sentAny) await refresh(form, offers);
}

async function refresh(form, offers) {
  const url = new URL(offers.dataset.offers, location.href);
  url.searchParams.set("but", keyOf(form));
  try {
    const response = await fetch(url, { redirect: "manual" });
    if (response.ok) offers.innerHTML = await response.text();
  } catch {
    // The server has the texts now and offers them on the next visit.
  }
}
