import itertools

import pytest

from flaskr.public import branding

from .contrast import contrast

COLORS = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(range(0, 256, 51), repeat=3)]
# For each color: the accent and the text on it, on the two backgrounds of the style sheet.
MEASURE = """colors => {
  const root = document.documentElement;
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const probe = document.body.appendChild(document.createElement("p"));
  const sheet = document.head.appendChild(document.createElement("style"));
  const rgb = value => {
    probe.style.color = value;
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  return colors.map(style => {
    sheet.textContent = style;
    const names = ["--accent", "--on-accent", "--paper", "--raised"];
    return names.map(name => rgb(`var(${name})`));
  });
}"""


@pytest.mark.parametrize("system", ("light", "dark"))
def test_every_accent_color_is_readable(full_blog, visitor, system):
    # The page's policy forbids the style elements by which this test sets each color.
    reader = visitor(full_blog, color_scheme=system, bypass_csp=True)
    reader.open()
    measured = reader.page.evaluate(
        MEASURE, [branding.STYLE.format(color=color) for color in COLORS]
    )
    unreadable = [
        color
        for color, (accent, on_accent, *backgrounds) in zip(COLORS, measured, strict=True)
        if min(contrast(accent, other) for other in (on_accent, *backgrounds)) < 4.5
    ]
    assert len({tuple(accent) for accent, *_ in measured}) > len(COLORS) / 4
    assert unreadable == []
