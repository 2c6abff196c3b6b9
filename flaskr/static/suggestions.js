// Suggests the titles of posts in search fields.

for (const field of document.querySelectorAll("[data-suggestions]")) {
  const list = document.createElement("datalist");
  list.id = `${field.id}-suggestions`;
  field.after(list);
  field.setAttribute("list", list.id);

  const links = new Map();
  let lastRequest = 0;
  let timer;

  const suggest = async () => {
    const number = ++lastRequest;
    const typed = field.value.trim();
    if (typed.length < 2) return list.replaceChildren();
    try {
      const response = await fetch(`${field.dataset.suggestions}?q=${encodeURIComponent(typed)}`);
      if (!response.ok || number !== lastRequest) return;
      const found = await response.json();
      links.clear();
      for (const { title, url } of found) links.set(title, url);
      list.replaceChildren(...found.map(({ title }) => new Option(title, title)));
    } catch {
      // Without suggestions the form still searches.
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    // Choosing a title from the list opens its post.
    const isChoice = !event.inputType || event.inputType === "insertReplacementText";
    if (isChoice && links.has(field.value)) {
      location.assign(links.get(field.value));
      return;
    }
    timer = setTimeout(suggest, 150);
  });
}
