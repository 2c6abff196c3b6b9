// Uploads files, and shows the progress and what went wrong.

import { explain } from "./answers.js";

// Some web servers close the connection, without a response, if a file is too large.
const CONNECTION_LOST =
  "The connection was lost during the upload. Try again. If it keeps failing, the file may be larger than the server accepts.";
const FILES_PER_REQUEST = 10;

/** Upload files. Return those that were stored, in the same order; messages go to `alerts`. */
export async function upload(form, files, alerts = form.querySelector("[data-alerts]")) {
  const media = [];
  for (let start = 0; start < files.length; start += FILES_PER_REQUEST) {
    media.push(...(await send(form.dataset.media, files.slice(start, start + FILES_PER_REQUEST), alerts)));
  }
  return media;
}

/** Let the user choose files, and return them. */
export function chooseFiles(options) {
  return new Promise((resolve) => {
    const chooser = Object.assign(document.createElement("input"), { type: "file", ...options });
    chooser.addEventListener("change", () => resolve([...chooser.files]));
    chooser.addEventListener("cancel", () => resolve([]));
    chooser.click();
  });
}

function send(url, files, alerts) {
  const names = files.map((file) => file.name).join(", ");
  const { line, bar, cancel } = progressLine(names);
  const request = new XMLHttpRequest();
  const data = new FormData();
  for (const file of files) data.append("files", file);
  alerts.append(line);
  cancel.addEventListener("click", () => request.abort());
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
  });
  return new Promise((resolve) => {
    request.addEventListener("load", () => resolve(finish(request, line, names)));
    request.addEventListener("error", () => {
      fail(line, names, bar.value ? CONNECTION_LOST : explain(0));
      resolve([]);
    });
    request.addEventListener("abort", () => {
      line.remove();
      resolve([]);
    });
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.send(data);
  });
}

function progressLine(names) {
  const line = document.createElement("p");
  line.className = "uploading";
  const label = Object.assign(document.createElement("span"), { textContent: names });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", `Uploading ${names}`);
  const cancel = linkButton("Cancel");
  line.append(label, bar, cancel);
  return { line, bar, cancel };
}

function linkButton(label) {
  return Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: label });
}

function finish(request, line, names) {
  const { response } = request;
  if (request.status >= 400 || !response?.media) {
    fail(line, names, explain(request.status, response));
    return [];
  }
  const { media, refused } = response;
  if (refused.length) fail(line, refused.map((file) => file.name).join(", "), refused[0].error);
  else line.remove();
  return media;
}

function fail(line, names, message) {
  // The blog names the files that it refuses.
  showAlert(line, message.startsWith(`${names}:`) ? message : `${names}: ${message}`);
}

/** Turn a line into an error message that the user can dismiss. */
export function showAlert(line, message) {
  const dismiss = linkButton("Dismiss");
  dismiss.addEventListener("click", () => line.remove());
  line.className = "uploading";
  line.setAttribute("role", "alert");
  line.replaceChildren(Object.assign(document.createElement("span"), { textContent: message }), dismiss);
}
