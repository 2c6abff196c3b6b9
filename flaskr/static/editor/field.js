// Creates the field for the body.

import { createPlainField } from "./plain_field.js";

/** Return the text field, or the plain one if the browser cannot load or run it. */
export async function createField(textarea) {
  try {
    const { createTextField } = await import("./text_field.js");
    return createTextField(textarea);
  } catch (error) {
    console.warn("The plain text field is used, because the other one does not work:", error);
    return createPlainField(textarea);
  }
}
