import re
from pathlib import Path

import pytest

import flaskr
from flaskr.db import transaction
from flaskr.models import media
from flaskr.models import media_storage
from flaskr.models import posts
from flaskr.models import rendered_html
from flaskr.models import responsive_images

pytestmark = pytest.mark.usefixtures("context")


def add(content, **values):
    return media.add(content, name="a", user_id=1, max_bytes=10**8, **values)


def show(body, excerpt=False):
    post = posts.get(posts.create(author_id=1, title="t", body=body), None)
    rendered = rendered_html.for_posts([post])[post["id"]]
    text = rendered.excerpt if excerpt else rendered.html
    return dict(re.findall(r' ([a-z]+)="([^"]*)"', re.search("<img[^>]*>", text)[0]))


@pytest.mark.parametrize("excerpt", (False, True))
def test_image_gets_size_and_srcset(draw, excerpt):
    medium = add(draw("JPEG", (2500, 50)))
    shown = show(f"![Sea](/media/{medium['name']})\n\n" + "Long. " * 400 + "\n\nMore" * 99, excerpt)
    base = f"/media/{medium['hash']}"
    assert (shown["src"], shown["alt"]) == (f"{base}.jpg", "Sea")
    assert (shown["width"], shown["height"]) == ("2500", "50")
    assert shown["srcset"] == ", ".join(
        f"{base}-{width}.webp {width}w" for width in (480, 800, 1200, 1600, 2400)
    )
    assert shown["sizes"] == "auto, (min-width: 812px) 760px, calc(100vw - 52px)"
    assert shown["loading"] == "lazy"


def test_large_variant_makes_the_original_unnecessary(draw):
    medium = add(draw("JPEG", (4000, 50)))
    shown = show(f"![](/media/{medium['name']})")
    assert shown["srcset"].endswith(f", /media/{medium['hash']}-2000.webp 2000w")


def test_sizes_agree_with_the_style_sheet():
    styles = (Path(flaskr.__file__).parent / "static/style.css").read_text()

    def read_rem(pattern):
        return float(re.search(pattern, styles, re.MULTILINE)[1])

    smallest = read_rem(r"--body: clamp\(([\d.]+)rem") * 16
    largest = read_rem(r"--body: clamp\(.* ([\d.]+)rem\)") * 16
    overhang = read_rem(r"\.text > \.code { margin-inline: -([\d.]+)rem")
    padding = read_rem(r"^  grid-template-columns: minmax\(([\d.]+)rem")
    column = read_rem(r"--measure: ([\d.]+)rem")
    assert (column + 2 * overhang) * largest == responsive_images.COLUMN_WIDTH
    # The font size of a phone is slightly larger than the smallest.
    assert 0 < responsive_images.MARGINS - 2 * padding * smallest < 2


def test_original_is_the_widest_source_if_no_variant_is_smaller(draw, context):
    medium = add(draw("JPEG", (900, 600)))
    with transaction() as db:
        db.execute("UPDATE media SET widths = '480'")
    shown = show(f"![](/media/{medium['name']})")
    assert shown["srcset"].endswith(f", /media/{medium['name']} 900w")


@pytest.mark.parametrize(
    ("attributes", "size"),
    (
        ('width="300"', ("300", "200")),
        ('height="300"', ("450", "300")),
        ('width="5" height="300"', ("5", "300")),
    ),
)
def test_size_set_by_the_author_is_kept(draw, attributes, size):
    medium = add(draw("JPEG", (900, 600)))
    shown = show(f'<img src="/media/{medium["name"]}" {attributes}>')
    assert (shown["width"], shown["height"]) == size
    assert shown["sizes"].startswith(f"auto, (min-width: {int(size[0]) + 52}px) {size[0]}px")


def test_srcset_set_by_the_author_is_kept(draw):
    medium = add(draw("JPEG", (900, 600)))
    assert show(f'<img src="/media/{medium["name"]}" srcset="/x 1x">')["srcset"] == "/x 1x"


def test_animation_gets_a_size_but_no_srcset(draw):
    medium = add(draw("GIF", colours=("red", "blue")))
    shown = show(f"![](/media/{medium['name']})")
    assert (shown["width"], "srcset" in shown) == ("60", False)


def test_svg_gets_a_size(draw):
    medium = add(b"<svg width='9' height='8'></svg>")
    assert show(f"![](/media/{medium['name']})")["width"] == "9"


def test_alt_text_defaults_to_that_of_the_library(draw):
    medium = add(draw(), alt='"><script>alert(1)</script>')
    shown = show(f"![](/media/{medium['name']})")
    assert shown["alt"] == "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    assert show(f"![Mine](/media/{medium['name']})")["alt"] == "Mine"


def test_missing_file_is_left_to_show_its_alt_text(draw):
    medium = add(draw(), alt="Teal")
    media_storage.store().delete([medium["name"]])
    shown = show(f"![](/media/{medium['name']})")
    assert shown["alt"] == "Teal"
    assert not {"width", "srcset"} & shown.keys()


@pytest.mark.parametrize(
    "source", ("/media/00000000000000000000000000000000.png", "https://x.example/a.png")
)
def test_other_images_are_unchanged(draw, source):
    medium = add(draw())
    assert "width" not in show(f"![]({source}) ![](/media/{medium['name']})")
