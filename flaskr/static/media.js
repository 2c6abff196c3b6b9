// Uploads files on the Media page and shows errors next to the field.

import { explain, readJson } from "./editor/answers.js";

for (const form of document.querySelectorAll("form[data-upload-form]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    upload(form).finally(() => (button.disabled = false));
  });
}

async function upload(form) {
  const data = new FormData(form);
  // The server flashes a message for the page that is loaded next.
  data.append("flash", "1");
  const { status, json } = await send(form.action, data);
  if (status < 400 && json?.media && !json.refused.length) location.assign(form.action);
  else if (status < 400 && json?.media) showError(form, json.refused.map(({ name, error }) => `${name}: ${error}`).join(" "));
  else showError(form, explain(status, json));
}

async function send(url, body) {
  try {
    const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
    return { status: response.status, json: await readJson(response) };
  } catch {
    return { status: 0, json: null };
  }
}

function showError(form, message) {
  let line = form.querySelector("[role=alert]");
  if (!line) {
    line = document.createElement("p");
    line.className = "flash error";
    line.id = "files-error";
    line.setAttribute("role", "alert");
    form.querySelector("label").after(line);
    form.querySelector("[type=file]").setAttribute("aria-describedby", line.id);
  }
  line.textContent = message;
  form.querySelector("[type=file]").focus();
}
