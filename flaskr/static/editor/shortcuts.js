// The keys of the whole form: Ctrl or ⌘ and a comma opens the settings, and a slash lists the
// shortcuts.

export function addShortcuts(form, field) {
  const keys = {
    ",": () => form.dispatchEvent(new CustomEvent("flaskr:open-settings", { bubbles: true })),
    "/": showShortcuts,
  };
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    // Some keyboards need Shift for a slash.
    const action = event.shiftKey && event.key !== "/" ? null : keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  form.addEventListener("click", ({ target }) => target.closest("[data-show-shortcuts]") && showShortcuts());
  form.querySelector("[data-title]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    field.focus();
  });
}

async function showShortcuts() {
  const help = await import("./shortcuts_help.js");
  help.showShortcuts();
}
