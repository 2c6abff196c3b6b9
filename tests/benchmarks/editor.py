"""Measure the text field with texts of two lengths: until the first key, and for each key.

Run `python tests/benchmarks/editor.py`. It needs Chromium. For each text it prints the time from
the request of the page to the field and to the first letter on the screen, the processor time of
the page's main thread for each key, drawing included, the time from each key to the frame that
shows it, which includes waiting for the screen, and the time that the preview takes. On a busy
machine only the processor time means anything. `--throttle 4` slows the page down, as on a phone.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from flaskr import create_app
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.models import users

SENTENCE = "The *quick* tomato grows over a [small](https://example.org/) fence and nobody minds. "
EXTRAS = "## Title\n\n- **one**\n- [ ] two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\nx\n```"
LENGTHS = (1000, 50_000)
PASSWORD = "correct horse"
KEYS = "typing *never* waits, nor does [it](here) stumble over a **mark** or a `letter` " * 2
NOTE_FIELD = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".cm-content")) return;
  window.fieldAt = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
# The time from a key to the frame that shows it.
MEASURE = """
() => {
  window.waits = [];
  addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.waits.push(performance.now() - began);
      port2.postMessage(null);
    });
  }, { capture: true });
}
"""


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--throttle", type=int, default=1)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        numbers = write_posts(folder)
        server, address = start(folder)
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            log_in(page, address)
            page.add_init_script(NOTE_FIELD)
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": arguments.throttle})
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            for words, number in zip(LENGTHS, numbers, strict=True):
                measure(page, session, f"{address}/{number}/update", words)
            browser.close()
        finally:
            server.terminate()
            server.wait()


def write_posts(folder):
    """Write a post of each length, and return their ids."""
    os.environ["FLASKR_INSTANCE_PATH"] = str(Path(folder) / "blog")
    with create_app({"PASSWORD_MIN_LENGTH": 8}).app_context():
        init_db()
        ada = users.register("ada", PASSWORD, password_min_length=8)
        return [posts.create(author_id=ada, title="Long", body=text_of(words)) for words in LENGTHS]


def text_of(words):
    paragraph = SENTENCE * 5
    count = words // len(paragraph.split())
    parts = [f"Part {number}: {paragraph}" for number in range(count)]
    parts[5::10] = [EXTRAS for _ in parts[5::10]]
    return "\n\n".join(parts)


def start(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "flaskr", "serve", f"--port={port}"],
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


def log_in(page, address):
    page.goto(f"{address}/auth/login")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.wait_for_url(f"{address}/")


def measure(page, session, url, words):
    opened, first = zip(*[open_post(page, url) for _ in range(5)], strict=True)
    print(
        f"{words:>6} words: field after {statistics.median(opened):.0f} ms,"
        f" first key shown after {statistics.median(first):.0f} ms"
    )
    for place, keys in (("start", "Control+Home"), ("middle", "PageDown"), ("end", "Control+End")):
        page.keyboard.press(keys)
        for _ in range(40 if place == "middle" else 0):
            page.keyboard.press("PageDown")
        page.wait_for_timeout(2000)
        print(f"    at the {place}: {describe(page, session)}")
    print(f"    preview shown after {preview_time(page):.0f} ms")


def open_post(page, url):
    """Open a post and type a letter. Return the times at which the field and the letter appear."""
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.fieldAt")
    page.evaluate(MEASURE)
    page.get_by_label("Body", exact=True).focus()
    page.keyboard.type("x")
    page.wait_for_function("() => window.waits.length")
    return page.evaluate("[fieldAt, fieldAt + waits[0]]")


def describe(page, session):
    """Type, and return the times that the keys took."""
    page.evaluate("waits.length = 0")
    work = []
    for key in KEYS:
        before = main_thread_ms(session)
        page.keyboard.type(key)
        page.wait_for_timeout(70)
        work.append(main_thread_ms(session) - before)
    shown = page.evaluate("waits")
    return f"processor {quantiles(work)}, shown after {quantiles(shown)} ms"


def main_thread_ms(session):
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(item["value"] for item in metrics if item["name"] == "TaskDuration")


def quantiles(values):
    hundredths = statistics.quantiles(values, n=100)
    return f"{hundredths[49]:.1f} (p95 {hundredths[94]:.1f}, most {max(values):.1f})"


def preview_time(page):
    return page.evaluate(
        """() => new Promise((resolve) => {
          const pane = document.querySelector("[data-preview]");
          const began = performance.now();
          const shown = () => resolve(performance.now() - began);
          pane.addEventListener("previewed", shown, { once: true });
          document.querySelector("[data-show-preview]").click();
        })"""
    )


if __name__ == "__main__":
    main()
