// Scrolls text and preview together, whichever of the two a person moves.

export function scrollTogether(body, pane) {
  let moved = window;

  function follow() {
    if (moved === window) pane.scrollTop = progress(body) * (pane.scrollHeight - pane.clientHeight);
  }

  function lead() {
    if (moved !== pane || pane.scrollHeight <= pane.clientHeight) return;
    const part = pane.scrollTop / (pane.scrollHeight - pane.clientHeight);
    const { top, room } = place(body);
    if (room > 0) scrollTo({ top: scrollY + top + part * room, behavior: "instant" });
  }

  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(
      event,
      ({ target }) => {
        moved = pane.contains(target) ? pane : window;
      },
      { passive: true, capture: true },
    );
  }
  addEventListener("scroll", follow, { passive: true });
  pane.addEventListener("scroll", lead, { passive: true });
  pane.addEventListener("previewed", follow);
}

function place(body) {
  const { top, height } = body.getBoundingClientRect();
  return { top, room: height - innerHeight * 0.8 };
}

function progress(body) {
  const { top, room } = place(body);
  return room > 0 ? Math.min(1, Math.max(0, -top / room)) : 0;
}
