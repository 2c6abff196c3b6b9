// Counts the words, the minutes it takes to read them as the post's page will say, and the images
// that nobody can see without a picture of them in words.

const PAUSE = 400;
const CJK = /[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\uface\uff66-\uff9f\u{20000}-\u{323af}]/gu;
const BARE_IMAGE = /!\[\s*\]\(/g;
const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;

export function countWords(body, line) {
  let timer;
  function show() {
    const characters = body.value.match(CJK)?.length ?? 0;
    const words = body.value.replace(CJK, " ").match(WORD)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230 + characters / 500));
    const bare = body.value.match(BARE_IMAGE)?.length ?? 0;
    line.textContent = words + characters ? said(words + characters, minutes, bare) : "";
  }
  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  addEventListener("pageshow", show);
  show();
}

function said(words, minutes, bare) {
  const parts = [number(words, "word"), number(minutes, "minute")];
  if (bare) parts.push(`${number(bare, "image")} without a description`);
  return parts.join(" · ");
}

function number(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
