// The keys of the whole form: Ctrl or ⌘ and S saves, a comma opens the settings, K inserts a link.

export function addShortcuts(form, field, save) {
  const keys = {
    s: save,
    ",": () => form.dispatchEvent(new CustomEvent("flaskr:open-settings")),
    k: () => form.dispatchEvent(new CustomEvent("flaskr:insert-link")),
  };
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  form.querySelector("[data-title]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    field.focus();
  });
}
