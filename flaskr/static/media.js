// Uploads from the page of media, and says there what went wrong.

import { explain, read } from "./editor/answers.js";

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
  // The page that is shown next says what was uploaded.
  data.append("flash", "1");
  const { status, said } = await send(form.action, data);
  if (status < 400 && said?.media && !said.refused.length) location.assign(form.action);
  else if (status < 400 && said?.media) say(form, said.refused.map(({ name, error }) => `${name}: ${error}`).join(" "));
  else say(form, explain(status, said));
}

async function send(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    return { status: answer.status, said: await read(answer) };
  } catch {
    return { status: 0, said: null };
  }
}

function say(form, sentence) {
  let line = form.querySelector("[role=alert]");
  if (!line) {
    line = document.createElement("p");
    line.className = "flash error";
    line.id = "files-error";
    line.setAttribute("role", "alert");
    form.querySelector("label").after(line);
    form.querySelector("[type=file]").setAttribute("aria-describedby", line.id);
  }
  line.textContent = sentence;
  form.querySelector("[type=file]").focus();
}
