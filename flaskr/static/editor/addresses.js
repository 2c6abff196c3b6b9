// Resolves the URLs in a text as the server does when it renders the text.

/** Return the URL, or null if it is not valid. Paths get the prefix of a blog in a folder. */
export function resolve(text) {
  const prefix = new URL(document.querySelector("form[data-media]").dataset.media, location.href).pathname.replace(/\/media\/?$/, "");
  const isPath = /^\/(?!\/)/.test(text) && !text.startsWith(`${prefix}/`);
  const address = isPath ? prefix + text : text;
  return URL.canParse(address, location.href) ? new URL(address, location.href) : null;
}
