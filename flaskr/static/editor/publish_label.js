// The button that publishes says when it will only schedule.

export function sayWhenScheduled(form, button) {
  const date = form.elements.namedItem("created");
  const label = button?.textContent;
  if (!label?.includes("publish")) return;
  // The blog's clock, as far as it is from this one's in UTC.
  const ahead = Date.parse(`${form.dataset.now}Z`) - Date.now();
  const say = () => {
    const isLater = Date.parse(`${date.value}Z`) - ahead > Date.now();
    button.textContent = isLater ? label.replace("publish", "schedule") : label;
  };
  date.addEventListener("input", say);
  say();
}
