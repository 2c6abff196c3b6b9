// Titles offered while one types into a search field, as the browser shows such lists.

for (const field of document.querySelectorAll("[data-suggestions]")) {
  const list = document.createElement("datalist");
  list.id = `${field.id}-suggestions`;
  field.after(list);
  field.setAttribute("list", list.id);

  const links = new Map();
  let asked = 0;
  let wait;

  const suggest = async () => {
    const number = ++asked;
    const typed = field.value.trim();
    if (typed.length < 2) return list.replaceChildren();
    try {
      const answer = await fetch(`${field.dataset.suggestions}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || number !== asked) return;
      const found = await answer.json();
      links.clear();
      for (const { title, url } of found) links.set(title, url);
      list.replaceChildren(...found.map(({ title }) => new Option(title, title)));
    } catch {
      // Without suggestions the form still searches.
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(wait);
    // A title that was chosen from the list leads to its post.
    const isChoice = !event.inputType || event.inputType === "insertReplacementText";
    if (isChoice && links.has(field.value)) {
      location.assign(links.get(field.value));
      return;
    }
    wait = setTimeout(suggest, 150);
  });
}
