// Replaces HTML but leaves equal blocks in place, so that nothing jumps and no image reloads.

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

function replaceChanged(parent, oldNodes, newNodes) {
  const length = Math.min(oldNodes.length, newNodes.length);
  let start = 0;
  while (start < length && oldNodes[start].isEqualNode(newNodes[start])) start++;
  let end = 0;
  while (end < length - start && oldNodes[oldNodes.length - 1 - end].isEqualNode(newNodes[newNodes.length - 1 - end])) end++;
  const next = oldNodes[oldNodes.length - end] ?? null;
  for (const old of oldNodes.slice(start, oldNodes.length - end)) old.remove();
  const fragment = document.createDocumentFragment();
  fragment.append(...newNodes.slice(start, newNodes.length - end));
  parent.insertBefore(fragment, next);
}
