// Texts that the server has not got yet, kept in the browser: one for each form.

const LIFETIME = 60 * 24 * 60 * 60 * 1000;
const MOST = 20;

function prefix(user) {
  return `unsaved:${user}:`;
}

/** Keep a text; false where the browser stores nothing. */
export function remember(user, key, text) {
  const value = JSON.stringify({ ...text, at: Date.now() });
  // A full store gives up its oldest texts for the newest.
  for (let tries = 0; tries <= MOST; tries++) {
    try {
      localStorage.setItem(prefix(user) + key, value);
      return true;
    } catch {
      const oldest = remembered(user).filter((other) => other.key !== key).pop();
      if (!oldest) return false;
      forget(user, oldest.key);
    }
  }
  return false;
}

export function forget(user, key) {
  try {
    localStorage.removeItem(prefix(user) + key);
  } catch {
    // Then there is nothing to forget.
  }
}

/** This person's texts, newest first; those that are too old or too many go. */
export function remembered(user) {
  const texts = read(prefix(user)).sort((one, other) => other.at - one.at);
  const kept = texts.filter(
    (text, place) => place < MOST && Date.now() - text.at < LIFETIME,
  );
  for (const text of texts) if (!kept.includes(text)) forget(user, text.key);
  return kept;
}

function read(start) {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(start))
      .map((name) => ({ ...JSON.parse(localStorage[name]), key: name.slice(start.length) }));
  } catch {
    return [];
  }
}
