// The text field with its toolbar and its menu. The page loads this before main.js, so that a
// browser that cannot run it still runs main.js.

import { addSlashMenu } from "./slash_menu.js";
import { addToolbar } from "./toolbar.js";
import { createTextField } from "./text_field.js";

export function createFieldWithTools(textarea) {
  const field = createTextField(textarea);
  const bar = textarea.form.querySelector("[data-toolbar]");
  try {
    addSlashMenu(field);
    addToolbar(field, bar);
  } catch (error) {
    // The field works without them. A second one would show an older text.
    console.warn("The toolbar is left out, because it does not work:", error);
    bar.remove();
  }
  return field;
}
