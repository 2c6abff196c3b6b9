// Attaches the editor's features, one module each. The form works without any of them.

import { autosave } from "./autosave.js";
import { closeMenus } from "./menus.js";
import { completeNames } from "./tag_combobox.js";
import { countWords } from "./word_count.js";
import { autoGrow } from "./auto_grow.js";
import { addShortcuts } from "./shortcuts.js";
import { offerChoices } from "./conflict.js";
import { createField } from "./field.js";
import { discardChanges } from "./discard.js";
import { followOtherSaves } from "./other_saves.js";
import { joinTabs } from "./tabs.js";
import { recoverTexts } from "./crash_recovery.js";
import { linkPastedUrls } from "./paste_link.js";
import { startPreview } from "./preview.js";
import { saveOnSubmit } from "./submit.js";
import { labelPublishButton } from "./publish_label.js";
import { togglePreview } from "./preview_toggle.js";
import { addCardDialog } from "./card_dialog.js";
import { addCover } from "./cover.js";
import { addLinkDialog } from "./link_dialog.js";
import { addMedia } from "./add_media.js";
import { addPanel } from "./panel.js";
import { pasteFormatted } from "./rich_paste.js";

document.querySelectorAll("form[data-editor]").forEach(startEditor);

async function startEditor(form) {
  const panes = form.closest("[data-panes]");
  const pane = panes.querySelector("[data-preview]");
  const field = await createField(form.querySelector("[data-body]"));

  form.querySelectorAll("[data-grow]:not([hidden])").forEach(autoGrow);
  closeMenus(form);
  const saver = autosave(form, field, { onSaved: () => tabs.announceSave() });
  const tabs = joinTabs(form, () => saver.saveNow({ force: true }));
  saveOnSubmit(form, saver);
  discardChanges(form, saver);
  addShortcuts(form, field);
  linkPastedUrls(field);
  countWords(field, form.querySelector("[data-count]"));
  const refresh = startPreview(form, pane);
  togglePreview(panes, form.querySelector("[data-show-preview]"), refresh);
  addPanel(form);
  addCover(form);
  addLinkDialog(form, field);
  addCardDialog(form, field);
  pasteFormatted(form, field, addMedia(form, field));
  completeNames(form.elements.namedItem("tags"), namesIn(form, "[data-tags]"), "tags");
  completeNames(form.elements.namedItem("authors"), namesIn(form, "[data-authors]"), "authors");
  labelPublishButton(form, form.querySelector("[data-publish]"));
  offerChoices(form, field);
  recoverTexts(form, field, saver, tabs);
  followOtherSaves(form, saver);
  form.dataset.ready = "";
}

function namesIn(form, selector) {
  return [...form.querySelector(selector).options].map((option) => option.value);
}
