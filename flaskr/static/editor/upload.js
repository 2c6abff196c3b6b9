// Uploads files that are pasted, dropped or chosen, and puts their Markdown into the text.

import { explain } from "./answers.js";
import { insert } from "./insert.js";

// Some web servers hang up on a file that is too large instead of saying so.
const BROKEN =
  "The connection broke while the file was sent. Try again; if that does not help, the file may be larger than the server accepts.";

export function upload(form, body) {
  const button = form.querySelector("[data-upload]");
  const take = (files) => {
    const before = { text: body.value, at: body.selectionEnd };
    send(form, [...files], (media) => place(body, before, media));
  };

  button.hidden = false;
  button.addEventListener("click", () => choose(take, { multiple: true }));
  body.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // Word processors add a picture of the text that they copy.
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}

/** Let a picture be uploaded whose address the field then holds. */
export function uploadCover(form, field) {
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

function choose(take, options) {
  const chooser = Object.assign(document.createElement("input"), { type: "file", ...options });
  chooser.addEventListener("change", () => take(chooser.files));
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
  request.addEventListener("error", () => fail(line, names, bar.value ? BROKEN : explain(0)));
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
  form.querySelector(".actions").before(line);
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

function place(body, before, media) {
  const markdown = media.map((file) => file.markdown).join("\n\n");
  if (body.value === before.text) {
    const alt = markdown.match(/^!\[((?:[^\]\\]|\\.)*)\]/);
    insert(body, markdown, before.at, before.at, alt ? [2, 2 + alt[1].length] : undefined);
  } else {
    // Someone who wrote on meanwhile keeps the line they are in.
    const end = body.value.indexOf("\n", body.selectionEnd);
    const at = end < 0 ? body.value.length : end;
    insert(body, `\n\n${markdown}`, at, at);
  }
}

function fail(line, name, sentence) {
  line.setAttribute("role", "alert");
  line.textContent = `${name}: ${sentence}`;
}
