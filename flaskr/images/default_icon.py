"""Draw the icon of a blog that has none of its own, as in `static/icon.svg`."""

import functools
from io import BytesIO

# Coordinates are those of the drawing, 32 by 32.
SIDE, RADIUS = 32, 7
BACKGROUND = "#0a6b66"
LINES = ((9, 8, 23), (9, 14, 23), (9, 20, 18))
STROKE = 2.6
# Edges are smooth because a larger picture is reduced.
OVERSAMPLING = 4
TOUCH_ICON_SIZE = 180
FAVICON_SIZES = (16, 32, 48)


@functools.cache
def draw_touch_icon() -> bytes:
    """Return a PNG for phones, which round its corners themselves."""
    return _draw(TOUCH_ICON_SIZE, radius=0, format="PNG", options={"optimize": True})


@functools.cache
def draw_favicon() -> bytes:
    """Return an ICO for browsers."""
    sizes = [(size, size) for size in FAVICON_SIZES]
    return _draw(FAVICON_SIZES[-1], radius=RADIUS, format="ICO", options={"sizes": sizes})


def _draw(size: int, *, radius: int, format: str, options: dict[str, object]) -> bytes:
    from PIL import Image
    from PIL import ImageDraw

    scale = size * OVERSAMPLING / SIDE
    picture = Image.new("RGBA", (size * OVERSAMPLING, size * OVERSAMPLING))
    pen = ImageDraw.Draw(picture)
    whole = (0, 0, picture.width - 1, picture.height - 1)
    pen.rounded_rectangle(whole, radius * scale, fill=BACKGROUND)
    half = STROKE / 2
    for left, middle, right in LINES:
        ends = (left - half, middle - half, right + half, middle + half)
        pen.rounded_rectangle([end * scale for end in ends], half * scale, fill="white")
    out = BytesIO()
    reduced = picture.resize((size, size), Image.Resampling.LANCZOS)
    reduced.save(out, format, **options)
    return out.getvalue()
