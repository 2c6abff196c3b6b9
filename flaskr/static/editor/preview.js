// Shows the text as readers will get it, a moment after each pause.

import { patch } from "./dom_patch.js";
import { isTooLong } from "./autosave_request.js";

const PAUSE = 120;
const LONGEST_PAUSE = 2000;

/** Keep the pane up to date; returns a function that brings it up to date now. */
export function preview(form, pane) {
  const note = document.createElement("p");
  note.className = "hint";
  note.hidden = true;
  const shown = document.createElement("div");
  pane.append(note, shown);
  pane.hidden = false;

  let timer, asking, last;
  let took = 0;

  function say(sentence) {
    note.textContent = sentence;
    note.hidden = !sentence;
  }

  function soon() {
    clearTimeout(timer);
    // A long text takes the server a while: it is asked less often.
    timer = setTimeout(refresh, Math.min(LONGEST_PAUSE, Math.max(PAUSE, took)));
  }

  async function refresh() {
    if (!pane.checkVisibility()) return;
    const data = toShow(form);
    const text = JSON.stringify([...data.values()]);
    if (text === last) return;
    if (isTooLong(form, data)) return say("The text is too long for a preview.");
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const began = performance.now();
    try {
      const html = await ask(pane.dataset.preview, data, signal);
      took = performance.now() - began;
      await idle();
      if (signal.aborted) return;
      patch(shown, html);
      last = text;
      say("");
      pane.dispatchEvent(new Event("previewed"));
    } catch {
      if (!signal.aborted) {
        say("The preview waits for the server.");
        timer = setTimeout(refresh, LONGEST_PAUSE);
      }
    }
  }

  form.addEventListener("input", soon);
  addEventListener("resize", soon);
  addEventListener("pageshow", refresh);
  refresh();
  return refresh;
}

function toShow(form) {
  const data = new FormData();
  for (const name of ["title", "body", "cover"]) data.append(name, form.elements.namedItem(name).value);
  return data;
}

async function ask(address, data, signal) {
  const answer = await fetch(address, { method: "POST", body: data, redirect: "manual", signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

/** The next moment in which nobody types. */
function idle() {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(resolve, { timeout: 200 });
    else setTimeout(resolve);
  });
}
