// Lets the writer choose between two versions of a passage that somebody else, or another tab, has
// changed too. Typing goes on until they do.

/** Offer the choices of each `flaskr:conflict` event of the form, and apply them to the field. */
export function offerChoices(form, field) {
  const base = form.elements.namedItem("base");
  let bar, oldBase;

  form.addEventListener("flaskr:conflict", ({ detail }) => {
    bar?.remove();
    oldBase = base.value;
    bar = alertBar(detail.message, () => openDialog(detail, (choices) => apply(detail, choices), () => field.focus()));
    form.after(bar);
  });
  // A save from a newer version ends the conflict; one in the autosave does not.
  form.addEventListener("flaskr:saved", ({ detail }) => {
    if (detail?.base && String(detail.base) !== oldBase) removeBar();
  });

  function removeBar() {
    bar?.remove();
    bar = undefined;
  }

  function apply({ blocks, title, theirs }, choices) {
    let number = 0;
    const chosen = blocks.map((block) => block.text ?? block[choices.get(`keep-${++number}`)]);
    field.applyRemoteText(join(blocks.map((block) => block.mine ?? block.text)), join(chosen));
    applyTitle(form.elements.namedItem("title"), title, choices.get("keep-title"));
    base.value = theirs.revision;
    removeBar();
    form.dispatchEvent(new CustomEvent("flaskr:resolved", { detail: { base: theirs.revision } }));
  }
}

/** Return the text that blocks make: all of them, without the newline that ends the last one. */
function join(texts) {
  return texts.join("").replace(/\n$/, "");
}

function applyTitle(input, title, choice) {
  // What was typed since the conflict wins.
  if (input.value.trim() !== (title.mine ?? title.text)) return;
  input.value = title.text ?? title[choice];
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function alertBar(message, open) {
  const bar = document.createElement("p");
  bar.className = "flash error clash";
  bar.setAttribute("role", "alert");
  bar.append(`${message} `, button("Choose what to keep", { type: "button", className: "link" }));
  bar.querySelector("button").addEventListener("click", open);
  return bar;
}

function openDialog({ message, html }, apply, leave) {
  const dialog = document.createElement("dialog");
  dialog.className = "clash-dialog";
  const heading = Object.assign(document.createElement("h2"), { id: "clash-title", textContent: "Choose what to keep" });
  dialog.setAttribute("aria-labelledby", heading.id);
  const chooser = Object.assign(document.createElement("form"), { className: "conflict", method: "dialog" });
  // The blog renders the same fragment for the page that works without scripts.
  chooser.innerHTML = html;
  chooser.prepend(heading, Object.assign(document.createElement("p"), { textContent: message }));
  chooser.append(actions(() => dialog.close()));
  chooser.addEventListener("submit", () => apply(new FormData(chooser)));
  dialog.addEventListener("close", () => {
    dialog.remove();
    leave();
  });
  dialog.append(chooser);
  document.body.append(dialog);
  dialog.showModal();
}

function actions(close) {
  const row = document.createElement("div");
  row.className = "actions";
  const cancel = button("Continue editing", { type: "button" });
  cancel.addEventListener("click", close);
  row.append(button("Apply", { className: "main" }), cancel);
  return row;
}

function button(label, properties) {
  return Object.assign(document.createElement("button"), { textContent: label, ...properties });
}
