// Stores texts in the browser, one for each form, until the server has them.

const LIFETIME_MS = 60 * 24 * 60 * 60 * 1000;
const MAX_TEXTS = 20;

function prefix(user) {
  return `unsaved:${user}:`;
}

/** Return true if the browser lets pages store anything. */
export function canStore() {
  try {
    return Boolean(localStorage);
  } catch {
    return false;
  }
}

/** Store a text. Return false if the browser cannot store it. */
export function storeText(user, key, text) {
  const value = JSON.stringify({ ...text, at: Date.now() });
  // If the storage is full, remove the oldest texts to make room.
  for (let tries = 0; tries <= MAX_TEXTS; tries++) {
    try {
      localStorage.setItem(prefix(user) + key, value);
      return true;
    } catch {
      const oldest = storedTexts(user).filter((other) => other.key !== key).pop();
      if (!oldest) return false;
      removeText(user, oldest.key);
    }
  }
  return false;
}

export function removeText(user, key) {
  try {
    localStorage.removeItem(prefix(user) + key);
  } catch {
    // Without storage there is nothing to remove.
  }
}

/** Return the user's texts, newest first, after removing those that are too old or too many. */
export function storedTexts(user) {
  const texts = readTexts(prefix(user)).sort((one, other) => other.at - one.at);
  const kept = texts.filter(
    (text, index) => index < MAX_TEXTS && Date.now() - text.at < LIFETIME_MS,
  );
  for (const text of texts) if (!kept.includes(text)) removeText(user, text.key);
  return kept;
}

function readTexts(start) {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(start))
      .map((name) => ({ ...JSON.parse(localStorage[name]), key: name.slice(start.length) }));
  } catch {
    return [];
  }
}
