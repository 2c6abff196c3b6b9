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
  const alert = document.createElement("div");
  alert.className = "save-alert";
  alert.setAttribute("role", "alert");
  alert.dataset.saveAlert = "";
  const sentence = document.createElement("span");
  sentence.append(text);
  if (link) {
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.href, target: "_blank", textContent: link.text });
    sentence.append(" ", anchor);
  }
  const close = document.createElement("button");
  Object.assign(close, { type: "button", textContent: "×", title: "Close", ariaLabel: "Close" });
  close.addEventListener("click", () => alert.remove());
  alert.append(sentence, close);
  (form.querySelector("[data-alerts]") ?? form).prepend(alert);
}

export function clearAlert(form) {
  form.querySelector("[data-save-alert]")?.remove();
}
