// Lets a field grow with its text in browsers that do not support CSS `field-sizing`.

export function autoGrow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    // Resetting the height forces a layout, so do it only when the text may have become shorter.
    if (field.scrollHeight <= field.clientHeight) field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  field.addEventListener("input", fit);
  addEventListener("pageshow", fit);
  fit();
}
