// Adds files to the text: pasted, dropped, or chosen from the library.

import { mediaPlaces } from "./insert_media.js";
import { openMediaPicker } from "./media_picker.js";
import { upload } from "./upload.js";

export function addMedia(form, field) {
  const reserve = mediaPlaces(form, field);
  const uploadFiles = async (files, at) => {
    const insert = reserve(at);
    insert(await upload(form, [...files]));
  };
  const pick = async () => {
    const insert = reserve();
    insert(await openMediaPicker({ multiple: true }));
    field.focus();
  };

  const button = form.querySelector("[data-insert-image]");
  button.hidden = false;
  button.addEventListener("click", pick);
  form.addEventListener("flaskr:insert-image", pick);
  // The field's own listeners must not see these events.
  field.dom.addEventListener(
    "paste",
    (event) => {
      const { files, types } = event.clipboardData;
      // Word processors add an image of the copied text to the clipboard.
      if (!files.length || types.includes("text/plain")) return;
      take(event);
      uploadFiles(files);
    },
    true,
  );
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener(
    "drop",
    (event) => {
      if (!event.dataTransfer.files.length) return;
      take(event);
      const at = field.view?.posAtCoords({ x: event.clientX, y: event.clientY }) ?? undefined;
      uploadFiles(event.dataTransfer.files, at);
    },
    true,
  );
  return uploadFiles;
}

function take(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
