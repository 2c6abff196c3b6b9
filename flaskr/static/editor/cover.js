// Shows the cover of a post or the picture of a person, and lets the author choose it from the library.

import { openMediaPicker } from "./media_picker.js";

export function addCover(form, name = "cover") {
  const field = form.elements.namedItem(name);
  const controls = form.querySelector("[data-cover]");
  const [choose, remove] = controls.querySelectorAll("button");
  const thumbnail = controls.querySelector("img");
  const root = new URL(form.dataset.media, location.href).pathname.replace(/\/media$/, "");

  function show() {
    const url = field.value.trim();
    const isPicture = /^(\/media\/|https:\/\/)\S+$/.test(url);
    thumbnail.hidden = !isPicture;
    if (isPicture) thumbnail.src = url.startsWith("/") ? root + url : url;
    else thumbnail.removeAttribute("src");
    remove.hidden = !url;
  }

  function fill(url) {
    field.value = url;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  controls.hidden = false;
  thumbnail.addEventListener("error", () => (thumbnail.hidden = true));
  field.addEventListener("input", show);
  addEventListener("pageshow", show);
  choose.addEventListener("click", async () => {
    const [cover] = await openMediaPicker({ pictures: true });
    if (cover) fill(cover.url);
  });
  remove.addEventListener("click", () => {
    fill("");
    choose.focus();
  });
  show();
}
