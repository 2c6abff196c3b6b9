// Receives live events while the page is visible. A browser opens few connections to a host, so a
// hidden page closes its own.

/** Call a function for each event of the stream, by its name, with its data. */
export function listen(url, handlers) {
  let source, lastId;

  function open() {
    if (source || document.hidden) return;
    const address = new URL(url, location.href);
    // The browser remembers the id only for the connection that it opens again by itself.
    if (lastId) address.searchParams.set("since", lastId);
    source = new EventSource(address);
    for (const name of ["start", ...Object.keys(handlers)]) source.addEventListener(name, receive);
    source.addEventListener("error", stopIfRefused);
  }

  function receive({ type, data, lastEventId }) {
    lastId = lastEventId;
    handlers[type]?.(JSON.parse(data));
  }

  function stopIfRefused() {
    if (source.readyState !== EventSource.CLOSED) return;
    removeEventListener("visibilitychange", openOrClose);
    removeEventListener("pageshow", open);
  }

  function openOrClose() {
    if (!document.hidden) return open();
    source?.close();
    source = undefined;
  }

  addEventListener("visibilitychange", openOrClose);
  addEventListener("pageshow", open);
  open();
}
