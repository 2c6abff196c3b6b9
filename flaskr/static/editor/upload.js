// Uploads files that are pasted, dropped or chosen, and inserts their Markdown.

import { explain } from "./answers.js";

// Some web servers close the connection, without a response, if a file is too large.
const CONNECTION_LOST =
  "The connection was lost during the upload. Try again. If it keeps failing, the file may be larger than the server accepts.";

export function addUploads(form, field) {
  const button = form.querySelector("[data-upload]");
  const uploadFiles = (files) => {
    send(form, [...files], (media) => place(field, media));
  };

  button.hidden = false;
  button.addEventListener("click", () => choose(uploadFiles, { multiple: true }));
  field.dom.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // Word processors add an image of the copied text to the clipboard.
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    event.stopPropagation();
    uploadFiles(files);
  }, { capture: true });
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    uploadFiles(event.dataTransfer.files);
  }, { capture: true });
}

/** Add the button that uploads an image and writes its URL into the field. */
export function addCoverUpload(form, field) {
  const place = form.querySelector("[data-cover]");
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () =>
    choose((files) => send(form, [...files], ([cover]) => fill(field, cover.url)), { accept: "image/*" }),
  );
}

function fill(field, text) {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  field.focus();
}

function choose(uploadFiles, options) {
  const chooser = Object.assign(document.createElement("input"), { type: "file", ...options });
  chooser.addEventListener("change", () => uploadFiles(chooser.files));
  chooser.click();
}

function send(form, files, place) {
  const names = files.map((file) => file.name).join(", ");
  const { line, bar, cancel } = progressLine(form, names);
  const request = new XMLHttpRequest();
  const data = new FormData();
  for (const file of files) data.append("files", file);
  cancel.addEventListener("click", () => request.abort());
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
  });
  request.addEventListener("load", () => finish(request, place, line, names));
  request.addEventListener("error", () => fail(line, names, bar.value ? CONNECTION_LOST : explain(0)));
  request.addEventListener("abort", () => line.remove());
  request.open("POST", form.dataset.media);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.send(data);
}

function progressLine(form, name) {
  const line = document.createElement("p");
  line.className = "uploading";
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", `Uploading ${name}`);
  const cancel = Object.assign(document.createElement("button"), {
    type: "button",
    className: "link",
    textContent: "Cancel",
  });
  line.append(`${name} `, bar, " ", cancel);
  form.querySelector("[data-alerts]").append(line);
  return { line, bar, cancel };
}

function finish(request, place, line, names) {
  const { response } = request;
  if (request.status >= 400 || !response?.media) {
    fail(line, names, explain(request.status, response));
    return;
  }
  const { refused } = response;
  if (refused.length) {
    fail(line, refused.map((file) => file.name).join(", "), refused[0].error);
  } else {
    line.remove();
  }
  place(response.media);
}

function place(field, media) {
  const markdown = media.map((file) => file.markdown).join("\n\n");
  const alt = markdown.match(/^!\[((?:[^\]\\]|\\.)*)\]/);
  field.insertBlock(markdown, { select: alt && [2, 2 + alt[1].length] });
  field.focus();
}

function fail(line, name, message) {
  line.setAttribute("role", "alert");
  line.textContent = `${name}: ${message}`;
}
