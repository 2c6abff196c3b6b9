// Says what came of a request that failed: in the blog's own words, or what else answered.

const SENTENCES = {
  401: "The web server in front of the blog asks for a log-in of its own (error 401). Reload the page in another tab.",
  403: "The web server in front of the blog refused this (error 403).",
  404: "The web server in front of the blog does not know this address (error 404).",
  413: "This is larger than the web server in front of the blog accepts (error 413). Send less, or ask whoever runs it to raise its limit.",
  429: "The web server in front of the blog asks to slow down (error 429). Try again in a moment.",
};
const RESTARTING = new Set([502, 503, 504]);

/** The JSON that the blog answered with; null for anything else, such as a proxy's page. */
export async function read(answer) {
  try {
    return await answer.json();
  } catch {
    return null;
  }
}

/** Whether the blog itself says that nobody is logged in. */
export function isLoggedOut(status, said) {
  return status === 401 && said?.logged_in === false;
}

/** A sentence on an answer that is no success; the status is 0 when there was no answer. */
export function explain(status, said) {
  if (typeof said?.error === "string") return said.error;
  if (status === 0) return "The server does not answer.";
  if (RESTARTING.has(status)) return `The blog does not answer at the moment (error ${status}). It may be restarting: try again soon.`;
  if (status < 400) return "Something other than the blog answered. Check your connection.";
  return SENTENCES[status] ?? `The server answered with error ${status}. Try again in a moment.`;
}
