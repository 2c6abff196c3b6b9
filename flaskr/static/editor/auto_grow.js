// Lets a field grow with its text where the style sheet's `field-sizing` is not known.

export function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    // Growing needs no second look; only a text that got shorter could leave room below.
    if (field.scrollHeight <= field.clientHeight) field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  field.addEventListener("input", fit);
  addEventListener("pageshow", fit);
  fit();
}
