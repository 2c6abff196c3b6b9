// Counts the words, and the minutes it takes to read them as the post's page will say.

const PAUSE = 400;
const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;
const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;

export function countWords(body, line) {
  let timer;
  function show() {
    const characters = body.value.match(CJK)?.length ?? 0;
    const words = body.value.replace(CJK, " ").match(WORD)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230 + characters / 500));
    line.textContent = words + characters ? said(words + characters, minutes) : "";
  }
  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  addEventListener("pageshow", show);
  show();
}

function said(words, minutes) {
  const count = words === 1 ? "1 word" : `${words.toLocaleString("en")} words`;
  return `${count} · ${minutes === 1 ? "1 minute" : `${minutes} minutes`}`;
}
