// Scrolls the text and the preview together.

export function syncScroll(body, pane) {
  let scrolled = window;

  function scrollPreview() {
    if (scrolled === window) pane.scrollTop = progress(body) * (pane.scrollHeight - pane.clientHeight);
  }

  function scrollText() {
    if (scrolled !== pane || pane.scrollHeight <= pane.clientHeight) return;
    const fraction = pane.scrollTop / (pane.scrollHeight - pane.clientHeight);
    const { top, room } = position(body);
    if (room > 0) scrollTo({ top: scrollY + top + fraction * room, behavior: "instant" });
  }

  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(
      event,
      ({ target }) => {
        scrolled = pane.contains(target) ? pane : window;
      },
      { passive: true, capture: true },
    );
  }
  addEventListener("scroll", scrollPreview, { passive: true });
  pane.addEventListener("scroll", scrollText, { passive: true });
  pane.addEventListener("previewed", scrollPreview);
}

function position(body) {
  const { top, height } = body.getBoundingClientRect();
  return { top, room: height - innerHeight * 0.8 };
}

function progress(body) {
  const { top, room } = position(body);
  return room > 0 ? Math.min(1, Math.max(0, -top / room)) : 0;
}
