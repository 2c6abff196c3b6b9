// Asks for the alt text of inserted pictures, one after another, without taking the focus.

const SPECIAL = /([\\`*_[\]<&])/g;
const waiting = [];

export function askForAlt(form, field, medium) {
  if (medium.kind !== "image" || medium.alt) return;
  waiting.push(medium);
  if (waiting.length === 1) showNext(form, field);
}

/** Show the field for the next picture, and return it, or null if there is no picture left. */
function showNext(form, field) {
  const [medium] = waiting;
  if (!medium) return null;
  const { row, input, skip } = createRow(medium);
  const finish = () => {
    const hadFocus = row.contains(document.activeElement);
    row.remove();
    waiting.shift();
    const next = showNext(form, field);
    if (hadFocus) (next ?? field).focus();
  };
  const save = () => {
    storeAlt(field, medium.url, input.value.trim());
    finish();
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") save();
    else finish();
  });
  row.querySelector("[data-save-alt]").addEventListener("click", save);
  skip.addEventListener("click", finish);
  form.querySelector("[data-alerts]").append(row);
  return input;
}

function createRow({ thumbnail, name }) {
  const row = Object.assign(document.createElement("div"), { className: "alt-text" });
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `Alt text of ${name}`);
  const input = Object.assign(document.createElement("input"), { placeholder: "Describe the image", dir: "auto", autocomplete: "off" });
  input.setAttribute("aria-label", "Alt text");
  const save = Object.assign(document.createElement("button"), { type: "button", textContent: "Save" });
  save.dataset.saveAlt = "";
  const skip = Object.assign(document.createElement("button"), { type: "button", textContent: "Skip" });
  row.append(Object.assign(new Image(), { src: thumbnail, alt: "" }), input, save, skip);
  return { row, input, skip };
}

/** Write the alt text into the first picture of the text that has this URL and no alt text. */
function storeAlt(field, url, alt) {
  const at = field.text.indexOf(`![](${url})`);
  if (at < 0 || !alt) return;
  const escaped = alt.replace(SPECIAL, "\\$1");
  const start = at + 2;
  const { from, to } = field.selection;
  const shift = (position) => position - start + (position >= start ? escaped.length : 0);
  field.replace(start, start, escaped, { select: [shift(from), shift(to)] });
}
