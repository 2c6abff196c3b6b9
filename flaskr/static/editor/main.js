// The editor's comforts, each in a module of its own. The form works without any of them.

import { autosave } from "./autosave.js";
import { completeTags } from "./tag_combobox.js";
import { countWords } from "./word_count.js";
import { grow } from "./auto_grow.js";
import { formatting } from "./shortcuts.js";
import { continueLists } from "./list_continuation.js";
import { offerRemembered } from "./autosave_offers.js";
import { ownKey } from "./unique_key.js";
import { linkPastedAddresses } from "./paste_link.js";
import { preview } from "./preview.js";
import { saveSafely } from "./submit.js";
import { sayWhenScheduled } from "./publish_label.js";
import { scrollTogether } from "./scroll_sync.js";
import { showByTurns } from "./preview_toggle.js";
import { upload, uploadCover } from "./upload.js";

for (const form of document.querySelectorAll("form[data-editor]")) {
  const panes = form.closest("[data-panes]");
  const pane = panes.querySelector("[data-preview]");
  const body = form.querySelector("[data-body]");
  const offers = document.querySelector("[data-offers]");

  form.querySelectorAll("[data-grow]").forEach(grow);
  ownKey(form);
  const kept = autosave(form);
  saveSafely(form, kept);
  formatting(form);
  continueLists(body);
  linkPastedAddresses(body);
  countWords(body, form.querySelector("[data-count]"));
  const refresh = preview(form, pane);
  showByTurns(panes, form.querySelector("[data-show-preview]"), refresh);
  scrollTogether(body, pane);
  upload(form, body);
  uploadCover(form, form.elements.namedItem("cover"));
  completeTags(form.elements.namedItem("tags"), tagNames(form));
  sayWhenScheduled(form, form.querySelector("button.main"));
  offerRemembered(form, offers);
}

function tagNames(form) {
  return [...form.querySelector("[data-tags]").options].map((option) => option.value);
}
