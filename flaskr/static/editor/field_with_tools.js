// The text field with its toolbar and its menu. The page loads this before main.js, so that a
// browser that cannot run it still runs main.js.

import { addSlashMenu } from "./slash_menu.js";
import { addToolbar } from "./toolbar.js";
import { createTextField } from "./text_field.js";

export function createFieldWithTools(textarea) {
  const field = createTextField(textarea);
  addSlashMenu(field);
  addToolbar(field, textarea.form.querySelector("[data-toolbar]"));
  return field;
}
