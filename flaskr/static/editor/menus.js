// Closes the action bar's menus with Escape, by a click elsewhere or by leaving them.

export function closeMenus(form) {
  for (const menu of form.querySelectorAll("[data-more-actions]")) {
    const close = () => menu.removeAttribute("open");
    addEventListener("pointerdown", ({ target }) => menu.contains(target) || close());
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget)) close();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      close();
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("click", ({ target }) => target.closest(".items > *") && close());
  }
  for (const button of form.querySelectorAll(".items > [data-save], .items > [data-show-shortcuts]")) button.hidden = false;
  form.addEventListener("flaskr:saved", ({ detail }) => detail.post && adoptPost(form, detail));
  // On narrow screens some buttons of the bar are in the menu.
  for (const button of form.querySelectorAll("[data-stand-in]")) {
    const original = form.querySelector(button.dataset.standIn);
    button.closest("[data-more-actions]").addEventListener("toggle", () => (button.textContent = original.textContent));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      original.click();
    });
  }
}

/** Complete the menu of a new post when it gets its URL. */
function adoptPost(form, { url }) {
  const postUrl = url.replace(/\/update$/, "");
  for (const item of form.querySelectorAll("[data-of-post][hidden]")) {
    item.hidden = false;
    if (item.matches("a")) item.href = [postUrl, item.dataset.ofPost].filter(Boolean).join("/");
    else item.form.action = `${postUrl}/delete`;
  }
}
