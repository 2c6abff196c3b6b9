// Updates the preview pane a moment after each change.

import { patch } from "./dom_patch.js";
import { isTooLong } from "./autosave_request.js";

const MIN_DELAY_MS = 120;
const MAX_DELAY_MS = 2000;

/** Keep the pane up to date. Return a function that updates it now. */
export function startPreview(form, pane) {
  const note = document.createElement("p");
  note.className = "hint";
  note.hidden = true;
  const shown = document.createElement("div");
  pane.append(note, shown);
  pane.hidden = false;

  let timer, request, lastText;
  let lastDuration = 0;

  function showNote(message) {
    note.textContent = message;
    note.hidden = !message;
  }

  function schedule() {
    clearTimeout(timer);
    // The server takes longer for a long text, so request its preview less often.
    timer = setTimeout(refresh, Math.min(MAX_DELAY_MS, Math.max(MIN_DELAY_MS, lastDuration)));
  }

  async function refresh() {
    if (!pane.getClientRects().length) return;
    const data = previewData(form);
    const text = JSON.stringify([...data.values()]);
    if (text === lastText) return;
    if (isTooLong(form, data)) return showNote("The text is too long for a preview.");
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    const start = performance.now();
    try {
      const html = await fetchPreview(pane.dataset.preview, data, signal);
      lastDuration = performance.now() - start;
      await idle();
      if (signal.aborted) return;
      patch(shown, html);
      lastText = text;
      showNote("");
      pane.dispatchEvent(new Event("previewed"));
    } catch {
      if (!signal.aborted) {
        showNote("Waiting for the server to update the preview.");
        timer = setTimeout(refresh, MAX_DELAY_MS);
      }
    }
  }

  form.addEventListener("input", schedule);
  addEventListener("resize", schedule);
  addEventListener("pageshow", refresh);
  refresh();
  return refresh;
}

function previewData(form) {
  const data = new FormData();
  const typed = new FormData(form);
  for (const name of ["title", "body", "cover"]) data.append(name, typed.get(name));
  return data;
}

async function fetchPreview(url, data, signal) {
  const response = await fetch(url, { method: "POST", body: data, redirect: "manual", signal });
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

/** Resolve when the browser is idle, so that typing is not delayed. */
function idle() {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(resolve, { timeout: 200 });
    else setTimeout(resolve);
  });
}
