// Attaches the editor's features, one module each. The form works without any of them.

import { autosave } from "./autosave.js";
import { completeTags } from "./tag_combobox.js";
import { countWords } from "./word_count.js";
import { autoGrow } from "./auto_grow.js";
import { addShortcuts } from "./shortcuts.js";
import { offerStoredTexts } from "./autosave_offers.js";
import { ensureUniqueKey } from "./unique_key.js";
import { createField } from "./field.js";
import { linkPastedUrls } from "./paste_link.js";
import { startPreview } from "./preview.js";
import { autosaveBeforeSubmit } from "./submit.js";
import { labelPublishButton } from "./publish_label.js";
import { togglePreview } from "./preview_toggle.js";
import { addUploads, addCoverUpload } from "./upload.js";

for (const form of document.querySelectorAll("form[data-editor]")) {
  const panes = form.closest("[data-panes]");
  const pane = panes.querySelector("[data-preview]");
  const field = await createField(form.querySelector("[data-body]"));
  const offers = document.querySelector("[data-offers]");

  form.querySelectorAll("[data-grow]:not([hidden])").forEach(autoGrow);
  ensureUniqueKey(form);
  autosaveBeforeSubmit(form, autosave(form));
  addShortcuts(form, field, () => form.requestSubmit(form.querySelector("[data-save]")));
  linkPastedUrls(field);
  countWords(field, form.querySelector("[data-count]"));
  const refresh = startPreview(form, pane);
  togglePreview(panes, form.querySelector("[data-show-preview]"), refresh);
  addUploads(form, field);
  addCoverUpload(form, form.elements.namedItem("cover"));
  completeTags(form.elements.namedItem("tags"), tagNames(form));
  labelPublishButton(form, form.querySelector("[data-publish]"));
  offerStoredTexts(form, offers);
}

function tagNames(form) {
  return [...form.querySelector("[data-tags]").options].map((option) => option.value);
}
