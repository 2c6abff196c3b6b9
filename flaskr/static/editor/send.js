// Sends a text to where the server keeps what is not saved yet.

const PATIENCE = 30_000;

/**
 * Send it, and say what came of it: "kept" (and `at` which time), "refused" (and why, as
 * `error`), "logged out", or "away" when the server does not answer.
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
      // A way to another page can only be the way to the log-in.
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.type === "opaqueredirect") return { outcome: "logged out" };
    if (answer.ok) return { outcome: "kept", at: (await answer.json()).kept };
    if (answer.status >= 500) return { outcome: "away" };
    return { outcome: "refused", error: await sentence(answer) };
  } catch {
    return { outcome: "away" };
  }
}

async function sentence(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return "The server does not keep this text. Save it soon.";
  }
}

/** Whether the server would refuse it for its length. */
export function isTooLong(form, data) {
  return new Blob([...data.values()]).size > Number(form.dataset.most);
}
