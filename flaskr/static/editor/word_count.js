// Shows the word count, the reading time and the number of images without alt text.

const DELAY_MS = 400;
const CJK = /[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\uface\uff66-\uff9f\u{20000}-\u{323af}]/gu;
const IMAGE_WITHOUT_ALT = /!\[\s*\]\(/g;
// The limits keep a text with thousands of brackets fast.
const HIDDEN = /```.*|<!--[^]{0,2000}?-->|<\/?[a-z][^>]{0,1000}>|\]\([^()\s]{0,1000}(?:\([^()\s]{0,1000}\)[^()\s]{0,1000})?(?:\s{1,9}"[^"]{0,200}")?\)|^\[[^\]]{1,200}\]:\s*\S+$|\[\^[^\]]{1,200}\]|\b(?:https?|mailto):[^\s)>\]]+/gim;
const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;

export function countWords(field, line) {
  let timer;
  function show() {
    const text = plainText(field.text);
    const characters = text.match(CJK)?.length ?? 0;
    const words = text.replace(CJK, " ").match(WORD)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230 + characters / 500));
    const withoutAlt = field.text.match(IMAGE_WITHOUT_ALT)?.length ?? 0;
    line.textContent = words + characters ? describe(words + characters, minutes, withoutAlt) : "";
  }
  field.onChange(() => {
    clearTimeout(timer);
    timer = setTimeout(show, DELAY_MS);
  });
  addEventListener("pageshow", show);
  show();
}

/** Return Markdown without URLs, HTML and references to footnotes. */
function plainText(markdown) {
  return markdown.replace(HIDDEN, " ");
}

function describe(words, minutes, withoutAlt) {
  const parts = [pluralize(words, "word"), pluralize(minutes, "minute")];
  if (withoutAlt) parts.push(`${pluralize(withoutAlt, "image")} without alt text`);
  return parts.join(" · ");
}

function pluralize(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
