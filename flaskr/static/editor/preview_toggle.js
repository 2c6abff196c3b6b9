// On a narrow screen, shows text and preview by turns.

export function showByTurns(panes, button, refresh) {
  const [preview, write] = [button.textContent, "Write"];
  let place = 0;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const showing = panes.dataset.showing === "preview" ? "text" : "preview";
    const before = scrollY;
    panes.dataset.showing = showing;
    button.textContent = showing === "preview" ? write : preview;
    scrollTo({ top: place, behavior: "instant" });
    place = before;
    if (showing === "preview") refresh();
  });
}
