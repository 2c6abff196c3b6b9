// Shows in the editor's action bar what is saved, and alerts when saving fails.

/** Show a sentence in the state line. */
export function showState(form, text) {
  const line = form.querySelector("[data-status]");
  if (line.textContent === text) return;
  line.textContent = text;
  // The line is cut off where there is no room for all of it.
  line.title = text;
}

/** Show an alert, optionally with a link that opens in a new tab. Screen readers repeat it. */
export function showAlert(form, text, link) {
  clearAlert(form);
  const alert = message("alert", text, link && { target: "_blank", ...link });
  alert.dataset.saveAlert = "";
  (form.querySelector("[data-alerts]") ?? form).prepend(alert);
}

/** Show a message that is no error, optionally with a link. It replaces the previous one. */
export function showNotice(form, text, link) {
  form.querySelector("[data-save-notice]")?.remove();
  const notice = message("status", text, link);
  notice.classList.add("calm");
  notice.dataset.saveNotice = "";
  (form.querySelector("[data-alerts]") ?? form).append(notice);
}

function message(role, text, link) {
  const box = document.createElement("div");
  box.className = "save-alert";
  box.setAttribute("role", role);
  const sentence = document.createElement("span");
  sentence.append(text);
  if (link) {
    const { text: textContent, ...target } = link;
    sentence.append(" ", Object.assign(document.createElement("a"), { textContent, ...target }));
  }
  const close = document.createElement("button");
  Object.assign(close, { type: "button", textContent: "×", title: "Close", ariaLabel: "Close" });
  close.addEventListener("click", () => box.remove());
  box.append(sentence, close);
  return box;
}

export function clearAlert(form) {
  form.querySelector("[data-save-alert]")?.remove();
}
