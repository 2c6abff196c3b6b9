// Builds the editor's dialogs.

/** Create elements: `create("button", {type: "button"}, "Text", child…)`. */
export function create(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Show a modal dialog. Return it; its `close()` removes it and gives the focus back. */
export function openDialog(label, ...children) {
  const close = create("button", { type: "button", className: "close", "aria-label": "Close" }, "×");
  const head = create("header", {}, create("h2", {}, label), close);
  const dialog = create("dialog", { className: "tool", "aria-label": label }, head, ...children);
  const before = document.activeElement;
  close.addEventListener("click", () => dialog.close());
  // A click on the dialog itself is one on its backdrop.
  dialog.addEventListener("pointerdown", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Return the JSON of a URL, or throw an error with a sentence for the user. */
export async function fetchJson(path, parameters, signal) {
  const url = new URL(path, location.href);
  for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
  let response;
  try {
    response = await fetch(url, { redirect: "manual", headers: { Accept: "application/json" }, signal });
  } catch (error) {
    throw signal?.aborted ? error : new Error("The server is not responding. Try again in a moment.");
  }
  if (response.type === "opaqueredirect") throw new Error("You are logged out. Log in in another tab, then try again.");
  if (!response.ok) throw new Error(`The server responded with error ${response.status}. Try again in a moment.`);
  return response.json();
}
