// Sends a form to the server, which saves it where readers do not see it.

import { explain, isLoggedOut, readJson } from "./answers.js";

const TIMEOUT_MS = 30_000;
// Browsers limit what a page may send while it is closed.
const MAX_CLOSING_BYTES = 60_000;
// Some networks know only GET and POST.
const UNKNOWN_METHOD = new Set([405, 501]);
// Too many requests, or another save at the same moment.
const TEMPORARY = new Set([429, 409]);
let method = "PUT";

/**
 * Send a form. Return its outcome, with the server's JSON as `answer` if the form was "saved" or
 * there is a "conflict", and otherwise with a message as `error`: "logged out", "refused" by the
 * blog, "too large" for the web server or "denied" by it, "blocked" if it lets no script save, or
 * "unreachable". The page may be `closing` meanwhile.
 */
export async function sendForm(form, { key, post, base, restored, age, fields, explicit, closing }) {
  const data = formData(fields, base, restored);
  if (isTooLong(form, data)) return { outcome: "refused", error: "The text is too long." };
  const url = new URL(`${form.dataset.unsaved}/${key}`, location.href);
  url.searchParams.set("user", form.dataset.user);
  if (post) url.searchParams.set("post", post);
  if (age) url.searchParams.set("age", age);
  if (explicit) url.searchParams.set("explicit", 1);
  try {
    const { status, json } = await request(url, data, closing);
    if (status === 200 && json?.status) return { outcome: "saved", answer: json };
    if (status === 409 && json?.conflict) return { outcome: "conflict", answer: json, error: json.error };
    return { outcome: outcomeOf(status, json), status, error: explain(status, json) };
  } catch {
    return { outcome: "unreachable", status: 0, error: explain(0) };
  }
}

async function request(url, data, closing) {
  const answer = await fetchJson(url, data, closing);
  if (method === "POST" || answer.json || !UNKNOWN_METHOD.has(answer.status)) return answer;
  method = "POST";
  return fetchJson(url, data, closing);
}

async function fetchJson(url, body, closing) {
  const response = await fetch(url, {
    method,
    body,
    headers: { Accept: "application/json" },
    // The blog never redirects this request, but a proxy or a hotel's login page may.
    redirect: "manual",
    signal: AbortSignal.timeout?.(TIMEOUT_MS),
    keepalive: closing && sizeOf(body) < MAX_CLOSING_BYTES,
  });
  // A redirect that is not followed has status 0.
  const status = response.type === "opaqueredirect" ? 302 : response.status;
  return { status, json: await readJson(response) };
}

function outcomeOf(status, json) {
  if (isLoggedOut(status, json)) return "logged out";
  if (status < 400 || status >= 500 || TEMPORARY.has(status)) return "unreachable";
  if (json) return "refused";
  if (status === 413) return "too large";
  return UNKNOWN_METHOD.has(status) ? "blocked" : "denied";
}

function formData(fields, base, restored) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  data.append("base", base);
  data.append("restored", restored ?? "");
  return data;
}

function sizeOf(data) {
  return new Blob([...data.values()]).size;
}

/** Return true if the server would refuse the text for its size. */
export function isTooLong(form, data) {
  return sizeOf(data) > Number(form.dataset.maxBytes);
}
