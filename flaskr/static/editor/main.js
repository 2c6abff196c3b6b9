// Attaches the editor's features, one module each. The form works without any of them.

import { autosave } from "./autosave.js";
import { closeMenus } from "./menus.js";
import { completeNames } from "./tag_combobox.js";
import { countWords } from "./word_count.js";
import { autoGrow } from "./auto_grow.js";
import { addShortcuts } from "./shortcuts.js";
import { offerChoices } from "./conflict.js";
import { offerStoredTexts } from "./autosave_offers.js";
import { ensureUniqueKey } from "./unique_key.js";
import { createField } from "./field.js";
import { linkPastedUrls } from "./paste_link.js";
import { startPreview } from "./preview.js";
import { autosaveBeforeSubmit } from "./submit.js";
import { labelPublishButton } from "./publish_label.js";
import { togglePreview } from "./preview_toggle.js";
import { addCover } from "./cover.js";
import { addLinkDialog } from "./link_dialog.js";
import { addMedia } from "./add_media.js";
import { addPanel } from "./panel.js";
import { pasteFormatted } from "./rich_paste.js";

for (const form of document.querySelectorAll("form[data-editor]")) {
  const panes = form.closest("[data-panes]");
  const pane = panes.querySelector("[data-preview]");
  const field = await createField(form.querySelector("[data-body]"));
  const offers = document.querySelector("[data-offers]");

  form.querySelectorAll("[data-grow]:not([hidden])").forEach(autoGrow);
  closeMenus(form);
  ensureUniqueKey(form);
  autosaveBeforeSubmit(form, autosave(form));
  addShortcuts(form, field, () => form.requestSubmit(form.querySelector("[data-save]")));
  linkPastedUrls(field);
  countWords(field, form.querySelector("[data-count]"));
  const refresh = startPreview(form, pane);
  togglePreview(panes, form.querySelector("[data-show-preview]"), refresh);
  addPanel(form);
  addCover(form);
  addLinkDialog(form, field);
  pasteFormatted(form, field, addMedia(form, field));
  completeNames(form.elements.namedItem("tags"), namesIn(form, "[data-tags]"), "tags");
  completeNames(form.elements.namedItem("authors"), namesIn(form, "[data-authors]"), "authors");
  labelPublishButton(form, form.querySelector("[data-publish]"));
  offerStoredTexts(form, offers);
  offerChoices(form, field);
}

function namesIn(form, selector) {
  return [...form.querySelector(selector).options].map((option) => option.value);
}
