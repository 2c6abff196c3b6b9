// Shows a changed design in the preview at once, and lets the owner choose the header picture from
// the media library. Without this script, the button and the fields do.

import { addCover } from "./editor/cover.js";

const PAUSE_MS = 300;

for (const button of document.querySelectorAll("[data-preview]")) {
  let frame = document.querySelector(`iframe[name="${button.formTarget}"]`);
  let number = 0;
  let timer;

  // A new frame each time, because submitting a form to a frame that has a page would make the
  // browser's Back button step through the previews.
  const refresh = () => {
    const fresh = frame.cloneNode();
    fresh.removeAttribute("src");
    fresh.name = button.formTarget = `preview-${(number += 1)}`;
    // The former ones stay in front until the new page is there.
    frame.before(fresh);
    fresh.addEventListener("load", () => {
      while (fresh.nextElementSibling) fresh.nextElementSibling.remove();
    });
    frame = fresh;
    button.click();
  };

  button.form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE_MS);
  });
}

const fields = document.querySelector("[data-cover] ~ [data-without-picker]");
if (fields) {
  addCover(document.querySelector("form[data-editor]"), "header_picture");
  // An error of these fields stays in sight.
  fields.hidden = !fields.querySelector("[aria-invalid]");
}
