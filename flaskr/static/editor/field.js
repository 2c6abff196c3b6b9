// Creates the field for the body.

import { createPlainField } from "./plain_field.js";

/** Return the text field with its tools, or the plain one if the browser cannot load or run it. */
export async function createField(textarea) {
  try {
    const { createFieldWithTools } = await import("./field_with_tools.js");
    return createFieldWithTools(textarea);
  } catch (error) {
    console.warn("The plain text field is used, because the other one does not work:", error);
    textarea.form.querySelector("[data-toolbar]")?.remove();
    return createPlainField(textarea);
  }
}
