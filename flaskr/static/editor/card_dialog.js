// A dialog for link cards: an address alone on its line is shown with its title and picture.

import { create, openDialog } from "./dialogs.js";
import { explain, readJson } from "./answers.js";

const ADDRESS = /^https?:\/\/[^\s<>"]+$/i;
const PLAYED = /^https:\/\/(?:(?:www\.|m\.)?youtube\.com\/(?:watch|shorts)|youtu\.be\/|vimeo\.com\/\d|open\.spotify\.com\/|soundcloud\.com\/|gist\.github\.com\/|[^/]+\/@[^/]+\/\d{6,}$)/;
const CONSENT = "That site will see one request from this blog, now. Readers’ browsers ask it for nothing until they follow the link.";

export function addCardDialog(form, field) {
  const open = (address) => openCardDialog(form, field, address);
  form.addEventListener("flaskr:insert-card", () => open());
  form.querySelector("[data-insert-card]").addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  field.dom.addEventListener("paste", (event) => {
    const url = event.clipboardData.getData("text/plain").trim();
    if (PLAYED.test(url) && !lineAt(field).text.trim()) offer(form, field, () => open(url));
  }, true);
}

/** Offer a card for the address that was just pasted, until the author types on. */
function offer(form, field, open) {
  const alerts = form.querySelector("[data-alerts]");
  const button = create("button", { type: "button", className: "link" }, "Show it as a card");
  const line = create("p", { className: "uploading card-offer", role: "status" }, button);
  button.addEventListener("click", () => {
    line.remove();
    open();
  });
  alerts.querySelector(".card-offer")?.remove();
  alerts.append(line);
  setTimeout(() => field.dom.addEventListener("input", () => line.remove(), { once: true }));
}

/** Let the author see the card of an address, by default that of the caret's line, and insert it. */
function openCardDialog(form, field, given) {
  const line = lineAt(field);
  const typed = given ?? (ADDRESS.test(line.text.trim()) ? line.text.trim() : "");
  const address = create("input", { type: "url", id: "card-address", value: typed, autofocus: true, required: true, autocomplete: "off", placeholder: "https://", dir: "ltr", "aria-describedby": "card-consent" });
  const card = create("div", { className: "text card-preview", hidden: true });
  const note = create("p", { className: "hint", role: "status" });
  const done = create("button", { className: "main" }, "Fetch");
  const controls = create(
    "form", { className: "field", noValidate: true },
    create("label", { htmlFor: address.id }, "Address of a film, a song, a post or any other page"),
    address,
    create("p", { className: "hint", id: "card-consent" }, CONSENT),
    card, note,
    create("footer", {}, done),
  );
  const dialog = openDialog("Insert a link card", controls);
  let found, request;

  async function fetchCard(url) {
    request = new AbortController();
    done.disabled = true;
    note.textContent = "Fetching title and image…";
    try {
      const answer = await fetch(form.dataset.cards, {
        method: "POST", body: new URLSearchParams({ url }), headers: { Accept: "application/json" }, redirect: "manual", signal: request.signal,
      });
      const json = await readJson(answer);
      if (!answer.ok || !json?.title) throw new Error(answer.type === "opaqueredirect" ? "You are logged out. Log in in another tab, then try again." : explain(answer.status, json));
      found = json;
      card.replaceChildren(cardOf(json));
      card.hidden = false;
      note.textContent = "";
      done.textContent = "Insert";
    } catch (error) {
      if (error.name === "AbortError") return;
      note.textContent = error instanceof TypeError ? explain(0) : error.message;
    } finally {
      done.disabled = false;
    }
    (found ? done : address).focus();
  }

  controls.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = address.value.trim();
    if (found) return insert();
    if (ADDRESS.test(url)) return fetchCard(url);
    note.textContent = "Enter an address that begins with https://.";
    address.focus();
  });
  address.addEventListener("input", () => {
    request?.abort();
    found = undefined;
    card.hidden = true;
    note.textContent = "";
    done.textContent = "Fetch";
  });
  dialog.addEventListener("close", () => request?.abort());

  function insert() {
    dialog.close();
    if (line.text.trim() === typed && typed) field.replace(line.from, line.to, "");
    // The renderer takes a sign at the end of a bare address for one of the sentence.
    field.insertBlock(/[\w/=-]$/.test(found.url) ? found.url : `<${found.url}>`);
    field.focus();
  }
}

function cardOf({ url, title, site, picture }) {
  const link = create("a", { href: url, target: "_blank", rel: "noopener" }, create("strong", { dir: "auto" }, title), " ", create("span", {}, site));
  if (picture) link.prepend(create("img", { src: picture, alt: "" }));
  return create("p", { className: "card" }, link);
}

/** Return the line of the caret, with its range. */
function lineAt({ text, selection: { to } }) {
  const from = to && text.lastIndexOf("\n", to - 1) + 1;
  const newline = text.indexOf("\n", to);
  const end = newline < 0 ? text.length : newline;
  return { from, to: end, text: text.slice(from, end) };
}
