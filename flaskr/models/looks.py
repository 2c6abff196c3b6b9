"""The designs to choose from: each is a style sheet in static/looks/ on top of style.css."""

from typing import NamedTuple

DEFAULT = "flaskr"


class Look(NamedTuple):
    """A design, and the parts of a page that depend on it."""

    label: str
    # The accent color on light paper, as in the style sheet.
    accent: str
    description: str
    # Lists of posts show covers.
    covers: bool = False
    # A post without a cover shows its first image in the list of posts.
    first_images: bool = False
    # The front page has room for the header picture.
    header: bool = True


LOOKS = {
    "flaskr": Look(
        "Flaskr", "#0a6560", "Strong titles, a calm text and a drop of color.", covers=True
    ),
    "book": Look("Book", "#7a1f1f", "A quiet page, set like a novel."),
    "magazine": Look(
        "Magazine", "#c2185b", "Bold, with covers. The newest post leads.", covers=True
    ),
    "notebook": Look("Notebook", "#1d4fa3", "Typewriter letters on dotted paper."),
    "photo": Look("Photo", "#8a4b08", "A grid of images.", covers=True, first_images=True),
    "titles": Look("Titles", "#1a5fb4", "Nothing but titles and dates.", header=False),
}
