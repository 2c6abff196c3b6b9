// Adds a copy button to each block of code, and to each element that names what it holds in `data-copy`.

const status = document.createElement("p");
status.className = "unseen";
status.setAttribute("role", "status");
document.querySelector("main").append(status);

for (const block of document.querySelectorAll(".text pre, [data-copy]")) {
  const frame = document.createElement("div");
  const button = document.createElement("button");
  const name = block.dataset.copy ?? "Code";
  frame.className = name.toLowerCase();
  Object.assign(button, { type: "button", textContent: "Copy", className: "copy" });
  button.setAttribute("aria-label", `Copy this ${name.toLowerCase()}`);
  button.addEventListener("click", () => copy(block, button, name));
  block.before(frame);
  frame.append(block, button);
}

async function copy(block, button, name) {
  const copied = await writeToClipboard(block.textContent) || copySelection(block);
  button.textContent = copied ? "Copied" : "Selected";
  status.textContent = "";
  // Screen readers announce a status only when it changes.
  setTimeout(() => {
    status.textContent = `${name} ${copied ? "copied." : "selected. Copy it with your keyboard or menu."}`;
  }, 50);
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers offer the clipboard API only over HTTPS.
    return false;
  }
}

function copySelection(block) {
  getSelection().selectAllChildren(block);
  return document.execCommand("copy");
}
