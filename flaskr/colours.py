"""Pure: an accent colour that can be read on our paper, by day and by night.

Colours change their lightness in Oklab (Björn Ottosson, "A perceptual color space for image
processing"), where the hue stays the same to the eye; contrast is that of WCAG 2.
"""

import re
from typing import NamedTuple

HEX = re.compile(r"#[0-9a-f]{6}")
CONTRAST = 4.5
# What style.css writes on: --paper and --raised, light and dark.
LIGHT_PAPERS = ("#fdfcfa", "#f5f2ec")
DARK_PAPERS = ("#17181b", "#202226")
STEPS = 200

Triple = tuple[float, float, float]


class Accent(NamedTuple):
    """A colour for light pages and one for dark pages, and whether either is not as asked for."""

    light: str
    dark: str
    light_is_mended: bool
    dark_is_mended: bool


def parse(typed: str) -> str | None:
    """A colour as `#rrggbb`, or None for what is none; `#` may be missing, `abc` means `aabbcc`."""
    digits = typed.strip().lower().removeprefix("#")
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}" if HEX.fullmatch(f"#{digits}") else None


def accent(colour: str) -> Accent:
    """The colour as it is used: darker or lighter, as little as it has to be."""
    light, dark = _readable(colour, LIGHT_PAPERS, 0), _readable(colour, DARK_PAPERS, 1)
    return Accent(light, dark, light != colour, dark != colour)


def _readable(colour: str, papers: tuple[str, ...], end: int) -> str:
    lightness, a, b = _oklab(colour)
    mended, step = colour, 0
    # The last step is black or white, which can be read.
    while min(contrast(mended, paper) for paper in papers) < CONTRAST:
        step += 1
        mended = _hex((lightness + (end - lightness) * step / STEPS, a, b))
    return mended


def contrast(one: str, other: str) -> float:
    """How much two colours differ for the eye: 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _from_linear(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _oklab(colour: str) -> Triple:
    r, g, b = _linear(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _hex(lab: Triple) -> str:
    """The colour, greyer where a screen has none so strong."""
    lightness, a, b = lab
    rgb, strength = _rgb(lightness, a, b), 100
    while strength and not (min(rgb) >= -0.0001 and max(rgb) <= 1.0001):
        strength -= 1
        rgb = _rgb(lightness, a * strength / 100, b * strength / 100)
    return "#" + "".join(f"{round(255 * _from_linear(min(max(v, 0), 1))):02x}" for v in rgb)


def _rgb(lightness: float, a: float, b: float) -> Triple:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
