// The panel with the post settings: opens at its first field or at an error, closes with Escape.

export function addPanel(form) {
  const panel = form.querySelector(".settings");
  const summary = panel.querySelector("summary");
  const close = panel.querySelector("[data-close]");
  let before = summary;

  function focusField() {
    // On a phone the keyboard would cover half of the sheet.
    if (matchMedia("(pointer: coarse)").matches) close.focus();
    else panel.querySelector("input").focus();
  }

  function open() {
    if (document.activeElement && !panel.contains(document.activeElement)) before = document.activeElement;
    panel.open = true;
    focusField();
  }

  function closePanel() {
    panel.open = false;
    before.focus();
    before = summary;
  }

  close.hidden = false;
  close.addEventListener("click", closePanel);
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    if (panel.open) closePanel();
    else open();
  });
  form.addEventListener("flaskr:open-settings", () => (panel.contains(document.activeElement) ? closePanel() : open()));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.open && !event.defaultPrevented) {
      event.preventDefault();
      closePanel();
    }
    // Enter would press the form's first button.
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
  // The browser cannot point at a wrong value in a closed panel.
  form.addEventListener("invalid", ({ target }) => reveal(target), true);
  form.addEventListener("flaskr:saved", ({ detail }) => showErrors(form, detail.errors ?? {}));
}

/** Open the panel and its parts that contain a field. */
function reveal(field) {
  for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

/** Show messages next to the fields of these names, and remove the older ones. */
function showErrors(form, errors) {
  for (const line of form.querySelectorAll(".panel .flash.error")) {
    const name = line.id.replace(/-error$/, "");
    if (name in errors) continue;
    form.elements.namedItem(name)?.removeAttribute("aria-invalid");
    line.remove();
  }
  for (const [name, message] of Object.entries(errors)) showError(form, name, message);
}

function showError(form, name, message) {
  const field = form.elements.namedItem(name);
  if (!field?.closest(".panel")) return;
  let line = document.getElementById(`${name}-error`);
  if (!line) {
    line = Object.assign(document.createElement("p"), { className: "flash error", id: `${name}-error` });
    line.setAttribute("role", "alert");
    field.before(line);
  }
  if (line.textContent !== message) line.textContent = message;
  field.setAttribute("aria-invalid", "true");
}
