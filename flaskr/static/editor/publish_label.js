// Labels the main button by what it does with the date: publish, schedule or update.

export function labelPublishButton(form, button) {
  if (!button) return;
  const date = form.elements.namedItem("created");
  const { label } = button.dataset;
  // The field is in the blog's time zone, so compare with the blog's clock.
  const offset = Date.parse(`${form.dataset.now}Z`) - Date.now();
  const update = () => {
    const isFuture = Date.parse(`${date.value}Z`) - offset > Date.now();
    button.textContent = isFuture ? "Schedule" : label;
  };
  date.addEventListener("input", update);
  date.addEventListener("change", update);
  update();
}
