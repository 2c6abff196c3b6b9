// Switches between light and dark. Follows the system until the reader chooses.
// Loaded in <head> without `defer`, so that no page flashes in the wrong colors.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function storedTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function isDark() {
  return (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
}

function setTheme(theme) {
  root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage the choice lasts for this page only.
  }
}

if (storedTheme()) root.dataset.theme = storedTheme();

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    const label = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `${button.textContent} theme`);
    };
    button.addEventListener("click", () => {
      setTheme(isDark() ? "light" : "dark");
      label();
    });
    system.addEventListener("change", label);
    label();
    button.hidden = false;
  }
});
