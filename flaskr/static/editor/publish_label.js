// Labels the publish button “Schedule” when the date is in the future.

export function labelPublishButton(form, button) {
  if (!button) return;
  const date = form.elements.namedItem("created");
  const label = button.textContent;
  // The field is in the blog's time zone, so compare with the blog's clock.
  const offset = Date.parse(`${form.dataset.now}Z`) - Date.now();
  const update = () => {
    const isFuture = Date.parse(`${date.value}Z`) - offset > Date.now();
    button.textContent = isFuture ? "Schedule" : label;
  };
  date.addEventListener("input", update);
  update();
}
