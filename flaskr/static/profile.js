// Lets people choose their picture from the media library, or upload it there.

import { addCover } from "./editor/cover.js";

const form = document.querySelector("form[data-editor]");
const fields = form.querySelector("[data-without-picker]");

addCover(form, "picture");
// An error of these fields stays in sight.
fields.hidden = !fields.querySelector("[aria-invalid]");
