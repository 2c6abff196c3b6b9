// Light or dark: follows the system until a reader chooses, then remembers.
// Loaded in <head> without `defer`, so that no page flashes in the wrong colours.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function isDark() {
  return (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
}

function remember(theme) {
  root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // A browser that stores nothing keeps the choice for this page.
  }
}

if (chosen()) root.dataset.theme = chosen();

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    const label = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `${button.textContent} colours`);
    };
    button.addEventListener("click", () => {
      remember(isDark() ? "light" : "dark");
      label();
    });
    system.addEventListener("change", label);
    label();
    button.hidden = false;
  }
});
