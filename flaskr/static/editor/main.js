// The editor's comforts, each in a module of its own. The form works without any of them.

import { autosave } from "./autosave.js";
import { completeTags } from "./completion.js";
import { countWords } from "./count.js";
import { grow } from "./grow.js";
import { formatting } from "./formatting.js";
import { continueLists } from "./lists.js";
import { offerRemembered } from "./offers.js";
import { ownKey } from "./own-key.js";
import { linkPastedAddresses } from "./paste-link.js";
import { preview } from "./preview.js";
import { saveSafely } from "./save.js";
import { sayWhenScheduled } from "./schedule.js";
import { scrollTogether } from "./scroll.js";
import { showByTurns } from "./turns.js";
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
