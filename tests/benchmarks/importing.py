"""Measure importing a folder of many posts, or of posts with many pictures.

    python tests/benchmarks/importing.py --pictures 1300
    python tests/benchmarks/importing.py --posts 100000

Each post has front matter and 150 words. Of the pictures, each with a post of its own, half are
photos of 12 megapixels with the noise of a camera, a third screenshots, the others WebP and GIF.
Figures are of the command `flaskr import` into an empty blog, in processor time of all processes.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pages
import search

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PHOTO = (4000, 3000)
SCREEN = (1920, 1080)
WEB = (1200, 800)
# One of each row is made in turn.
KINDS = ("photo.jpg", "screen.png", "photo.jpg", "photo.jpg", "screen.png", "web.webp") * 3
KINDS += ("photo.jpg", "web.gif")
WORDS = 150


def main() -> None:
    """Write the files, import them, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="keep the files here, and use them again")
    options = parser.parse_args()
    posts = max(options.posts, options.pictures)
    with tempfile.TemporaryDirectory() as made:
        files = options.folder or Path(made, "site")
        if not files.exists():
            write_site(files, posts, options.pictures)
        blog = Path(made, "blog")
        pages.init_db(blog)
        report(run_import(blog, files), posts, options.pictures)


def write_site(folder: Path, posts: int, pictures: int) -> None:
    """Write the posts, the first of them with a picture each."""
    folder.mkdir()
    chance = random.Random(3)
    words = [word for word in search.vocabulary() if word.isascii()]
    draw = Pictures(chance) if pictures else None
    for number in range(posts):
        body = " ".join(chance.choices(words, k=WORDS))
        if draw and number < pictures:
            name = draw.save(folder, number)
            body += f"\n\n![Picture {number}]({name})"
        head = {
            "title": " ".join(chance.choices(words, k=5)),
            "date": f"{datetime(2005, 1, 1) + timedelta(hours=number):%Y-%m-%d %H:%M:%S}",
            "tags": chance.sample(words[:500], 3),
        }
        lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in head.items())
        (folder / f"post-{number:06}.md").write_text(f"---\n{lines}---\n{body}\n", encoding="utf-8")


class Pictures:
    """Writes pictures that all differ: each is a base picture that is moved and drawn on."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        photo = draw_photo(PHOTO)
        self.bases = {
            "photo": photo,
            "screen": draw_screen(SCREEN, chance),
            "web": photo.resize(WEB),
        }

    def save(self, folder: Path, number: int) -> str:
        """Write the picture with this number and return its name."""
        from PIL import ImageChops
        from PIL import ImageDraw

        kind, _, suffix = KINDS[number % len(KINDS)].partition(".")
        base = self.bases[kind]
        picture = ImageChops.offset(base, self.chance.randrange(base.width), number % base.height)
        ImageDraw.Draw(picture).text((40, 40), f"Picture {number}", fill="white")
        name = f"{kind}-{number}.{suffix}"
        picture.save(folder / name, quality=88, compress_level=3)
        return name


def draw_photo(size: tuple[int, int]) -> "Picture":
    """Return smooth colors with the noise of a sensor."""
    from PIL import Image
    from PIL import ImageChops

    layers = []
    for seed in range(3):
        chance = random.Random(seed)
        smooth = Image.frombytes("L", (40, 30), chance.randbytes(1200))
        shapes = Image.frombytes("L", (400, 300), chance.randbytes(120_000))
        layer = Image.blend(
            smooth.resize(size, Image.Resampling.BICUBIC),
            shapes.resize(size, Image.Resampling.BICUBIC),
            0.15,
        )
        layers.append(ImageChops.add(layer, Image.effect_noise(size, 8), offset=-128))
    return Image.merge("RGB", layers)


def draw_screen(size: tuple[int, int], chance: random.Random) -> "Picture":
    """Return a window with lines of text and boxes."""
    from PIL import Image
    from PIL import ImageDraw

    picture = Image.new("RGB", size, "#f4f4f6")
    pen = ImageDraw.Draw(picture)
    for row in range(0, size[1], 16):
        left, width = chance.randrange(0, 400), chance.randrange(100, 1200)
        if chance.random() < 0.1:
            pen.rectangle((left, row, left + width, row + 60), fill=chance.randrange(1 << 24))
        pen.text((left, row), " ".join(chance.choices(search.vocabulary(), k=24)), fill="#222")
    return picture


def run_import(blog: Path, files: Path) -> tuple[float, float]:
    """Return the seconds and the processor seconds of the import."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flaskr", "import", str(files)],
        check=True,
        env=pages.environment(blog),
        stdout=subprocess.DEVNULL,
    )
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(measured: tuple[float, float], posts: int, pictures: int) -> None:
    """Print the times and the rates."""
    seconds, cpu = measured
    print(f"{posts} posts, {pictures} pictures: {seconds:.1f} s, {cpu:.1f} s of processor time")
    print(f"  {posts / cpu:.0f} posts and {pictures / cpu:.1f} pictures in a second of it")


if __name__ == "__main__":
    main()
