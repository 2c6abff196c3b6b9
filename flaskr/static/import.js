// Shows the progress of a running import, and its report at the end. It asks every second: live events
// need another server than some use, and come only with a change of the database, so they can miss
// the end for twenty seconds.

const SECONDS = 1000;

for (const section of document.querySelectorAll("[data-import-progress]")) {
  const line = section.querySelector("[role=status]");
  const bar = section.querySelector("progress");
  const timer = setInterval(async () => {
    const state = await read(section.dataset.importProgress);
    if (!state) return;
    if (!state.running) {
      clearInterval(timer);
      location.reload();
      return;
    }
    bar.max = state.total || 1;
    bar.value = state.done || 0;
    line.textContent = state.total ? `${state.phase}: ${state.done} of ${state.total}` : state.phase;
  }, SECONDS);
}

async function read(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
