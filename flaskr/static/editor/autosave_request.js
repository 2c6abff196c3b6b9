// Sends a text to where the server keeps what is not saved yet.

import { explain, isLoggedOut, read } from "./answers.js";

const PATIENCE = 30_000;

/**
 * Send it, and say what came of it: "kept" (and `at` which time), "logged out", or else with the
 * reason as `error`: "refused"; "blocked" when saving would fail too; "away" when it may work soon.
 */
export async function send(form, { key, post, age, data }) {
  if (isTooLong(form, data)) return { outcome: "refused", error: "The text is too long." };
  const address = new URL(`${form.dataset.unsaved}/${key}`, location.href);
  address.searchParams.set("user", form.dataset.user);
  if (post) address.searchParams.set("post", post);
  if (age) address.searchParams.set("age", age);
  try {
    const answer = await fetch(address, {
      method: "PUT",
      body: data,
      headers: { Accept: "application/json" },
      // No answer of the blog's to this leads elsewhere, but a proxy's or a hotel's may.
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await read(answer);
    if (answer.ok && said?.kept) return { outcome: "kept", at: said.kept };
    if (isLoggedOut(answer.status, said)) return { outcome: "logged out" };
    // A redirect that was not followed has the status 0.
    const status = answer.type === "opaqueredirect" ? 302 : answer.status;
    return { outcome: outcomeOf(status, said), error: explain(status, said) };
  } catch {
    return { outcome: "away", error: explain(0) };
  }
}

function outcomeOf(status, said) {
  if (status < 400 || status >= 500) return "away";
  // A web server that takes no text as long as this takes no form with it either.
  return status === 413 && !said ? "blocked" : "refused";
}

/** Whether the server would refuse it for its length. */
export function isTooLong(form, data) {
  return new Blob([...data.values()]).size > Number(form.dataset.most);
}
