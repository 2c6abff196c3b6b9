// Reads and writes the fields of the editor's form.

const METADATA_FIELDS = new Set(["key", "base"]);

/** Return a name for the user that is unique even if several blogs share a host. */
export function ownerOf(form) {
  const root = new URL(form.dataset.unsaved, location.href).pathname.replace(/\/unsaved$/, "");
  return root ? `${root}:${form.dataset.user}` : form.dataset.user;
}

export function keyOf(form) {
  return form.elements.namedItem("key").value;
}

export function setKey(form, key) {
  form.elements.namedItem("key").value = key;
}

export function baseOf(form) {
  return form.elements.namedItem("base").value;
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the fields of the post as pairs of name and text. */
export function fieldsOf(form) {
  return [...new FormData(form)].filter(
    ([name, value]) => !METADATA_FIELDS.has(name) && typeof value === "string",
  );
}

/** Return the fields as the server sent them, ignoring text that the browser restored. */
export function fieldsAsLoaded(form) {
  const copy = form.cloneNode(true);
  copy.reset();
  return fieldsOf(copy);
}

export function formData(fields, base) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  data.append("base", base);
  return data;
}
