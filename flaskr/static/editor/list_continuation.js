// Continues a list when Enter is pressed in it, and ends the list at an empty item.

import { insert } from "./insert.js";

const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?(.*)$/;

export function continueLists(body) {
  body.addEventListener("keydown", (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, isComposing } = event;
    if (key !== "Enter" || shiftKey || ctrlKey || metaKey || altKey || isComposing) return;
    const { selectionStart: from, selectionEnd: to, value } = body;
    const start = value.lastIndexOf("\n", from - 1) + 1;
    const item = value.slice(start, from).match(ITEM);
    if (!item || from !== to) return;
    event.preventDefault();
    const [, space, bullet, number, dot, gap, box, text] = item;
    const mark = bullet ?? `${Number(number) + 1}${dot}`;
    if (text) insert(body, `\n${space}${mark}${gap}${box ? "[ ] " : ""}`, from, to);
    else insert(body, "", start, from);
  });
}
