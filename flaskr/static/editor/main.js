// Attaches the editor's features, one module each. The form works without any of them.

import { autosave } from "./autosave.js";
import { completeTags } from "./tag_combobox.js";
import { countWords } from "./word_count.js";
import { autoGrow } from "./auto_grow.js";
import { addShortcuts } from "./shortcuts.js";
import { continueLists } from "./list_continuation.js";
import { createTextField } from "./text_field.js";
import { discardChanges } from "./discard.js";
import { joinTabs } from "./tabs.js";
import { recoverTexts } from "./crash_recovery.js";
import { linkPastedUrls } from "./paste_link.js";
import { startPreview } from "./preview.js";
import { saveOnSubmit } from "./submit.js";
import { labelPublishButton } from "./publish_label.js";
import { syncScroll } from "./scroll_sync.js";
import { togglePreview } from "./preview_toggle.js";
import { addUploads, addCoverUpload } from "./upload.js";

for (const form of document.querySelectorAll("form[data-editor]")) {
  const panes = form.closest("[data-panes]");
  const pane = panes.querySelector("[data-preview]");
  const body = form.querySelector("[data-body]");
  const field = createTextField(body);

  form.querySelectorAll("[data-grow]").forEach(autoGrow);
  const saver = autosave(form, field, { onSaved: () => tabs.announceSave() });
  const tabs = joinTabs(form, () => saver.saveNow({ force: true }));
  saveOnSubmit(form, saver);
  discardChanges(form, saver);
  addShortcuts(form);
  continueLists(body);
  linkPastedUrls(body);
  countWords(body, form.querySelector("[data-count]"));
  const refresh = startPreview(form, pane);
  togglePreview(panes, form.querySelector("[data-show-preview]"), refresh);
  syncScroll(body, pane);
  addUploads(form, body);
  addCoverUpload(form, form.elements.namedItem("cover"));
  completeTags(form.elements.namedItem("tags"), tagNames(form));
  labelPublishButton(form, form.querySelector("[data-publish]"));
  recoverTexts(form, field, saver, tabs);
}

function tagNames(form) {
  return [...form.querySelector("[data-tags]").options].map((option) => option.value);
}
