"""Make the screenshots of the README: a post and the editor, light and dark.

Run `python docs/screenshots/make.py` with Chromium and the extra `test` installed. It starts a blog
of its own in a temporary folder and writes the PNG files into the folder of this script.
"""

import io
import os
import re
import shutil
import tempfile
import threading
from itertools import pairwise
from pathlib import Path

from PIL import Image
from PIL import ImageDraw
from PIL import ImageFilter
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

FOLDER = Path(__file__).parent
PASSWORD = "a password for screenshots"
WIDTH, HEIGHT = 1280, 860
# In tests, registering needs no set-up token.
SETTINGS = {
    "TESTING": True,
    "REGISTRATION": "closed",
    "SITE_TITLE": "Notes from the greenhouse",
    "DATE_FORMAT": "D MMMM YYYY",
}
TITLE = "A greenhouse made of old windows"
BODY = """\
Last spring our neighbors replaced the windows of their farmhouse. Eleven of the old ones are now a
*greenhouse* at the south end of the garden, and the tomatoes have not complained yet.[^1]

## What you need

- eleven windows, with their frames
- twenty meters of larch, planed on one side
- a long weekend, and someone who holds the other end

> Measure each window twice. No two were the same size.

The roof has a slope of 20 degrees. This is how long the rafters are:

```python
def rafter_length(width: float, slope: float) -> float:
    return width / math.cos(math.radians(slope))
```

[^1]: The cucumbers have.
"""


def draw_hills() -> bytes:
    """Return a landscape as a PNG, to serve as the cover."""
    size = (1600, 640)
    sky = Image.linear_gradient("L").resize(size)
    image = Image.composite(
        Image.new("RGB", size, "#f9dcae"), Image.new("RGB", size, "#9cc5d3"), sky
    )
    draw = ImageDraw.Draw(image)
    draw.ellipse((1120, 120, 1240, 240), fill="#fff3d6")
    for color, *heights in (
        ("#a3b9a5", 330, 250, 340, 240, 330),
        ("#7b9f86", 400, 430, 330, 420, 380),
        ("#4e7c66", 500, 420, 500, 450, 520),
        ("#2c5547", 560, 590, 520, 600, 540),
    ):
        points = [(i * 400, height) for i, height in enumerate(heights)]
        draw.polygon([*_smooth(points), (1600, 640), (0, 640)], fill=color)
    output = io.BytesIO()
    image.filter(ImageFilter.SMOOTH_MORE).save(output, "PNG")
    return output.getvalue()


def _smooth(points):
    for (x, y), (next_x, next_y) in pairwise(points):
        for step in range(50):
            t = step / 50
            yield x + (next_x - x) * t, y + (next_y - y) * (3 * t**2 - 2 * t**3)
    yield points[-1]


def fill_blog(client) -> None:
    """Register Ada and write three posts as a browser would. The last one has the id 3."""
    account = {"username": "Ada", "password": PASSWORD}
    client.post("/auth/register", data=account)
    client.post("/auth/login", data=account)
    client.post("/media", data={"files": (io.BytesIO(draw_hills()), "hills.png")})
    cover = re.search(r"/media/[0-9a-f]{32}\.png", client.get("/media").text)[0]
    for day, title in ((1, "The first frost"), (20, "Seeds to order now")):
        client.post("/create", data={"title": title, "created": f"2026-02-{day:02}T08:00"})
    client.post(
        "/create",
        data={
            "title": TITLE,
            "body": BODY,
            "created": "2026-03-14T08:00",
            "tags": "garden, woodwork",
            "cover": cover,
        },
    )


def main() -> None:
    """Take the four pictures."""
    with tempfile.TemporaryDirectory() as instance:
        os.environ["FLASKR_INSTANCE_PATH"] = instance
        from flaskr import create_app
        from flaskr.db import init_db

        app = create_app(SETTINGS)
        with app.app_context():
            init_db()
        fill_blog(app.test_client())
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    base_url=f"http://127.0.0.1:{server.port}",
                    color_scheme=scheme,
                    viewport={"width": WIDTH, "height": HEIGHT},
                )
                # Otherwise, the next picture would show that there are unpublished changes.
                page.route("**/unsaved/**", lambda route: route.abort())
                page.goto("/3", wait_until="networkidle")
                take(page, f"post-{scheme}.png")
                page.goto("/auth/login")
                page.get_by_label("Username").fill("Ada")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Log In").click()
                page.goto("/3/update", wait_until="networkidle")
                page.wait_for_timeout(1000)
                take(page, f"editor-{scheme}.png")
            browser.close()
        server.shutdown()


def take(page, name: str) -> None:
    """Save a screenshot of the page with 256 colors."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
