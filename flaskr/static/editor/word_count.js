// Shows the word count, the reading time and the number of images without alt text.

const DELAY_MS = 400;
const CJK = /[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\uface\uff66-\uff9f\u{20000}-\u{323af}]/gu;
const IMAGE_WITHOUT_ALT = /!\[\s*\]\(/g;
const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;

export function countWords(body, line) {
  let timer;
  function show() {
    const characters = body.value.match(CJK)?.length ?? 0;
    const words = body.value.replace(CJK, " ").match(WORD)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230 + characters / 500));
    const withoutAlt = body.value.match(IMAGE_WITHOUT_ALT)?.length ?? 0;
    line.textContent = words + characters ? describe(words + characters, minutes, withoutAlt) : "";
  }
  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, DELAY_MS);
  });
  addEventListener("pageshow", show);
  show();
}

function describe(words, minutes, withoutAlt) {
  const parts = [pluralize(words, "word"), pluralize(minutes, "minute")];
  if (withoutAlt) parts.push(`${pluralize(withoutAlt, "image")} without alt text`);
  return parts.join(" · ");
}

function pluralize(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
