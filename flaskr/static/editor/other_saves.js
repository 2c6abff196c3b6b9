// Follows the saves of this post by others, and on other devices.

import { listen } from "../live.js";
import { blogTime, fieldsAsLoaded, fieldsOf, keyOf, metadata } from "./form.js";
import { showNotice, showState } from "./status.js";

/** Bring the changes of others into a draft as they are saved, and announce those of a published post. */
export function followOtherSaves(form, saver) {
  const follow = () => {
    // A template of the blog's own may not name the address.
    if (!form.dataset.post || !form.dataset.events) return;
    form.removeEventListener("flaskr:saved", follow);
    const address = new URL(form.dataset.events, location.href);
    address.searchParams.set("post", form.dataset.post);
    address.searchParams.set("form", keyOf(form));
    listen(address, { post: (save) => receive(form, saver, save) });
  };
  form.addEventListener("flaskr:saved", follow);
  follow();
}

async function receive(form, saver, save) {
  const isNew = save.revision > Number(metadata(form, "base"));
  if (!isNew || saver.isSubmitting || String(save.id) !== form.dataset.post) return;
  const time = blogTime(form, Date.parse(save.saved));
  const when = save.is_own ? `elsewhere at ${time}` : `at ${time}`;
  // A name in another direction does not turn the sentence around.
  const editor = save.is_own ? "You" : `\u2068${save.editor || "Somebody"}\u2069`;
  if (form.dataset.postStatus !== "draft") {
    announce(form, `${editor} updated this post ${when}.`);
    return;
  }
  const outcome = await saver.saveNow({ force: true });
  if (outcome !== "saved" || saver.state.includes("Not saved")) return;
  showState(form, `${editor} changed this draft ${when}. The changes are in the text.`);
}

function announce(form, sentence) {
  const isChanged = JSON.stringify(fieldsOf(form)) !== JSON.stringify(fieldsAsLoaded(form));
  if (isChanged || document.querySelector("[data-compare]")) {
    showNotice(form, `${sentence} When you update it, your changes are added to that version.`);
  } else {
    showNotice(form, sentence, { href: location.href, text: "Show the new version" });
  }
}
