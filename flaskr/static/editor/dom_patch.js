// Puts new HTML in the place of old, but leaves every block that is the same where it is, so that
// nothing jumps and no picture loads again.

export function patch(container, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const [before, after] = [container, template.content].map((root) => root.querySelector(".text"));
  const [title, newTitle] = [container, template.content].map((root) =>
    root.querySelector("header"),
  );
  if (!before) {
    container.replaceChildren(template.content);
    return;
  }
  if (!title.isEqualNode(newTitle)) title.replaceWith(newTitle);
  replaceChanged(before, [...before.childNodes], [...after.childNodes]);
}

function replaceChanged(parent, olds, news) {
  const most = Math.min(olds.length, news.length);
  let start = 0;
  while (start < most && olds[start].isEqualNode(news[start])) start++;
  let end = 0;
  while (end < most - start && olds.at(-1 - end).isEqualNode(news.at(-1 - end))) end++;
  const next = olds[olds.length - end] ?? null;
  for (const old of olds.slice(start, olds.length - end)) old.remove();
  const fresh = document.createDocumentFragment();
  fresh.append(...news.slice(start, news.length - end));
  parent.insertBefore(fresh, next);
}
