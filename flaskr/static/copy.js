// A button at each block of code that copies it, and says so.

const status = document.createElement("p");
status.className = "unseen";
status.setAttribute("role", "status");
document.querySelector("main").append(status);

for (const block of document.querySelectorAll(".text pre")) {
  const frame = document.createElement("div");
  const button = document.createElement("button");
  frame.className = "code";
  Object.assign(button, { type: "button", textContent: "Copy", className: "copy" });
  button.setAttribute("aria-label", "Copy this code");
  button.addEventListener("click", () => copy(block, button));
  block.before(frame);
  frame.append(block, button);
}

async function copy(block, button) {
  const copied = await written(block.textContent) || selected(block);
  button.textContent = copied ? "Copied" : "Selected";
  status.textContent = "";
  // A status that does not change is not announced again.
  setTimeout(() => {
    status.textContent = copied ? "The code is copied." : "The code is selected: copy it.";
  }, 50);
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain HTTP a browser has no clipboard to write to.
    return false;
  }
}

function selected(block) {
  getSelection().selectAllChildren(block);
  return document.execCommand("copy");
}
