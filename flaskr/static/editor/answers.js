// Explains failed requests: with the blog's own message, or by naming the web server in between.

const MESSAGES = {
  401: "The web server in front of the blog requires its own login (error 401). Reload the page in another tab.",
  403: "The web server in front of the blog refused the request (error 403).",
  404: "The web server in front of the blog does not know this URL (error 404).",
  413: "This is larger than the web server in front of the blog accepts (error 413). Send less, or ask its administrator to raise the limit.",
  429: "The web server in front of the blog received too many requests (error 429). Try again in a moment.",
};
const RESTARTING = new Set([502, 503, 504]);

/** Return the JSON of a response, or null for anything else, such as a proxy's page. */
export async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** Return true if the blog, and not a proxy, says that the user is logged out. */
export function isLoggedOut(status, json) {
  return status === 401 && json?.logged_in === false;
}

/** Return the message for a failed request; the status is 0 if there was no response. */
export function explain(status, json) {
  if (typeof json?.error === "string") return json.error;
  if (status === 0) return "The server is not responding.";
  if (RESTARTING.has(status)) return `The blog is not responding at the moment (error ${status}). It may be restarting. Try again soon.`;
  if (status < 400) return "Something other than the blog responded. Check your connection.";
  return MESSAGES[status] ?? `The server responded with error ${status}. Try again in a moment.`;
}
