"""Measure the delay of the preview and of a key press while typing in a very long text.

Run `python tests/benchmarks/editor.py`. It needs Chromium.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import sync_playwright

SENTENCE = "The *quick* tomato grows over a [small](https://example.org/) fence and nobody minds. "
SHORT, LONG = 1000, 50_000
PASSWORD = "correct horse"
ACCOUNT = ("--role", "owner", "--password", PASSWORD)
KEYS = "typing never waits for the preview "
# The time from a key press to the frame that shows it.
MEASURE = """
field => {
  window.waits = [];
  field.addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.waits.push(performance.now() - began);
      port2.postMessage(null);
    });
  });
}
"""
# The time from the last key press to the preview that shows it.
PREVIEWED = """
pane => new Promise(resolve => {
  const began = performance.now();
  pane.addEventListener("previewed", () => resolve(performance.now() - began), { once: true });
  document.querySelector("[data-body]").focus();
  document.execCommand("insertText", false, "x");
})
"""


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start(folder)
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            log_in(page, address, folder)
            for words in (SHORT, LONG):
                measure(page, address, words)
            browser.close()
        finally:
            server.terminate()
            server.wait()


def start(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "flaskr", "serve", f"--port={port}"],
        env={**os.environ, "FLASKR_INSTANCE_PATH": folder},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/health").close()
            break
        except OSError:
            time.sleep(0.1)
    return server, address


def log_in(page, address, folder):
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flaskr", "user", "add", "ada", *ACCOUNT],
        env={**os.environ, "FLASKR_INSTANCE_PATH": folder},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    page.goto(f"{address}/auth/login")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.wait_for_url(f"{address}/")


def measure(page, address, words):
    page.goto(f"{address}/create")
    paragraph = SENTENCE * 5
    count = words // len(paragraph.split())
    body = page.get_by_label("Body", exact=True)
    body.fill("\n\n".join(f"Part {number}: {paragraph}" for number in range(count)))
    pane = page.locator("[data-preview]")
    pane.get_by_text(f"Part {count - 1}: ").wait_for(timeout=60_000)
    body.evaluate(
        "field => field.setSelectionRange(field.value.length / 2, field.value.length / 2)"
    )
    body.evaluate(MEASURE)
    page.keyboard.type(KEYS, delay=60)
    page.wait_for_timeout(3000)
    waits = page.evaluate("waits")
    delays = []
    for _ in range(5):
        delays.append(pane.evaluate(PREVIEWED))
        page.wait_for_timeout(2500)
    print(
        f"{words:>6} words: preview {statistics.median(delays):.0f} ms after a key"
        f" (at most {max(delays):.0f}); a key waits {statistics.median(waits):.0f} ms"
        f" (at most {max(waits):.0f})"
    )


if __name__ == "__main__":
    main()
