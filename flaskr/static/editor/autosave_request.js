// Sends an autosave to the server.

import { explain, isLoggedOut, readJson } from "./answers.js";

const TIMEOUT_MS = 30_000;

/**
 * Send an autosave. Return its outcome: "saved" (with the time as `at`), "logged out", or with a
 * message as `error`: "refused", "blocked" if saving would fail too, or "unreachable".
 */
export async function sendAutosave(form, { key, post, age, data }) {
  if (isTooLong(form, data)) return { outcome: "refused", error: "The text is too long." };
  const url = new URL(`${form.dataset.unsaved}/${key}`, location.href);
  url.searchParams.set("user", form.dataset.user);
  if (post) url.searchParams.set("post", post);
  if (age) url.searchParams.set("age", age);
  try {
    const response = await fetch(url, {
      method: "PUT",
      body: data,
      headers: { Accept: "application/json" },
      // The blog never redirects this request, but a proxy or a hotel's login page may.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const json = await readJson(response);
    if (response.ok && json?.saved_at) return { outcome: "saved", at: json.saved_at };
    if (isLoggedOut(response.status, json)) return { outcome: "logged out" };
    // A redirect that is not followed has status 0.
    const status = response.type === "opaqueredirect" ? 302 : response.status;
    return { outcome: outcomeOf(status, json), error: explain(status, json) };
  } catch {
    return { outcome: "unreachable", error: explain(0) };
  }
}

function outcomeOf(status, json) {
  if (status < 400 || status >= 500) return "unreachable";
  // A web server that refuses a text for its size refuses the form too.
  return status === 413 && !json ? "blocked" : "refused";
}

/** Return true if the server would refuse the text for its size. */
export function isTooLong(form, data) {
  return new Blob([...data.values()]).size > Number(form.dataset.maxBytes);
}
