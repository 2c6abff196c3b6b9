// Reads and writes the fields of the editor's form.

const METADATA_FIELDS = new Set(["key", "base", "restored"]);

/** Return a name for the user that is unique even if several blogs share a host. */
export function ownerOf(form) {
  const root = new URL(form.dataset.unsaved, location.href).pathname.replace(/\/unsaved$/, "");
  return root ? `${root}:${form.dataset.user}` : form.dataset.user;
}

/** Return a field that describes the form itself: "key", "base" or "restored". */
export function metadata(form, name) {
  return form.elements.namedItem(name).value;
}

export function setMetadata(form, name, value) {
  form.elements.namedItem(name).value = value;
}

export function keyOf(form) {
  return metadata(form, "key");
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
  return fieldsOf(form).map(([name, value]) => [name, defaultOf(form.elements.namedItem(name), value)]);
}

function defaultOf(element, value) {
  if (element instanceof HTMLSelectElement) {
    return [...element.options].find((option) => option.defaultSelected)?.value ?? element.options[0].value;
  }
  // A list of elements with the same name has no default.
  if (element?.defaultValue === undefined) return value;
  // Fields clean their values: they remove line breaks, and dates that they cannot show.
  const copy = element.cloneNode();
  copy.value = element.defaultValue;
  return copy.value;
}

/** Fill the form, as far as it has these fields. */
export function fill(form, field, fields) {
  for (const [name, value] of fields) {
    const element = form.elements.namedItem(name);
    if (name === "body") {
      if (field.text !== value) field.applyRemoteText(field.text, value);
    } else if (element && element.value !== value) {
      element.value = value;
      for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }));
    }
  }
}

/** Return the time of day of a moment in the blog's time zone. */
export function blogTime(form, moment) {
  const zone = Date.parse(`${form.dataset.now}Z`) - Number(form.dataset.clock) * 1000;
  return new Date(moment + zone).toISOString().slice(11, 16);
}
