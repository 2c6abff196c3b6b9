// Searches a frozen blog with an index of words, without a server.

const MAX_HITS = 50;
// The same as in exporters/search_files.py: scripts without spaces between words, and punctuation.
const UNSPACED =
  "\\u0e01-\\u0edf\\u1000-\\u109f\\u1780-\\u17f9\\u3005-\\u3007\\u3041-\\u30ff\\u3400-\\u9fff" +
  "\\uf900-\\uface\\uff66-\\uff9f\\u{20000}-\\u{323af}";
const SEPARATORS =
  "\\s!-\\/:-@\\[-`\\{-~\\u00a0-\\u00a9\\u00ab-\\u00b4\\u00b6-\\u00b9\\u00bb-\\u00bf\\u00d7\\u00f7" +
  "\\u2000-\\u206f\\u2190-\\u2bff\\u2e00-\\u2e7f\\u3000-\\u3004\\u3008-\\u303f\\uff01-\\uff0f\\uff1a-\\uff20";
const WORD = new RegExp(`[${UNSPACED}]+|[^${SEPARATORS}${UNSPACED}]+`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

// The same as in text/search_words.py, without letters that have accents.
const SPELLINGS = {
  "ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ß": "ss", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i",
  "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647",
};
const respell = (text) => [...text].map((one) => SPELLINGS[one] ?? one).join("");
const fold = (text) => respell(text.toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, ""));
const key = (word) => [...word].slice(0, 2).map((one) => one.codePointAt(0).toString(16)).join("-");

function splitWords(text) {
  return (text.match(WORD) ?? []).flatMap((found) => {
    const parts = [...fold(found)];
    if (!IS_UNSPACED.test(found)) return [parts.slice(0, 40).join("")];
    return parts.length < 2 ? parts : parts.slice(1).map((part, at) => parts[at] + part);
  });
}

async function load(url) {
  const response = await fetch(url);
  if (response.status === 404) return {};
  if (!response.ok) throw new Error(url);
  return response.json();
}

// Posts with a word that begins like this one.
async function find(index, word) {
  const words = await load(`${index}words/${key(word)}.json`);
  const matching = Object.keys(words).filter((one) => one.startsWith(word));
  return new Set(matching.flatMap((one) => words[one]));
}

async function search(index, typed) {
  const words = [...new Set(splitWords(typed))];
  if (!words.length) return [];
  const [pages, ...found] = await Promise.all([
    load(`${index}pages.json`),
    ...words.map((word) => find(index, word)),
  ]);
  const inTitle = (number) => {
    const title = fold(pages[number][1]);
    return words.filter((word) => title.includes(word)).length;
  };
  return [...found[0]]
    .filter((number) => pages[number] && found.every((one) => one.has(number)))
    .sort((one, other) => inTitle(other) - inTitle(one) || other - one)
    .map((number) => pages[number]);
}

function show([url, title, byline]) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  const line = item.appendChild(document.createElement("p"));
  Object.assign(link, { className: "title", href: url, dir: "auto", textContent: title });
  Object.assign(line, { className: "byline", dir: "auto", textContent: byline });
  return item;
}

for (const form of document.querySelectorAll("[data-search-index]")) {
  const list = document.querySelector("[data-hits]");
  const status = document.querySelector("[data-hits-status]");
  const typed = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  form.hidden = false;
  form.elements.q.value = typed;
  if (!typed) {
    status.textContent = "Search finds posts with all your words.";
    form.elements.q.focus();
    continue;
  }
  search(form.dataset.searchIndex, typed).then(
    (hits) => {
      const shown = hits.length > MAX_HITS ? `Showing the best ${MAX_HITS} results.` : null;
      const count = hits.length === 1 ? "1 result." : `${hits.length} results.`;
      status.textContent = hits.length ? shown ?? count : `No results for “${typed}”.`;
      list.replaceChildren(...hits.slice(0, MAX_HITS).map(show));
      list.dataset.ready = "";
    },
    () => {
      status.textContent = "Search does not work right now. The archive lists all posts.";
    },
  );
}
