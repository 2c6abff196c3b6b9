// Switches between text and preview on narrow screens.

export function togglePreview(panes, button, refresh) {
  const [previewLabel, writeLabel] = [button.textContent, "Write"];
  let otherScroll = 0;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const showing = panes.dataset.showing === "preview" ? "text" : "preview";
    const scroll = scrollY;
    panes.dataset.showing = showing;
    button.textContent = showing === "preview" ? writeLabel : previewLabel;
    scrollTo({ top: otherScroll, behavior: "instant" });
    otherScroll = scroll;
    if (showing === "preview") refresh();
  });
}
