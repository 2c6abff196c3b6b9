import struct
from io import BytesIO

import pytest
from PIL import Image
from PIL import PngImagePlugin

from flaskr.images import metadata

SECRET = b"SECRET-PLACE"


def exif():
    made = Image.Exif()
    made[0x010E] = SECRET.decode()
    made.get_ifd(0x8825)[1] = "N"
    return made


def text():
    made = PngImagePlugin.PngInfo()
    made.add_text("Author", SECRET.decode())
    return made


def pixels(content):
    picture = Image.open(BytesIO(content))
    frames = []
    for frame in range(getattr(picture, "n_frames", 1)):
        picture.seek(frame)
        frames.append((picture.info.get("duration"), picture.convert("RGBA").tobytes()))
    return frames


@pytest.mark.parametrize(
    ("kind", "options"),
    (
        ("JPEG", {"exif": exif(), "comment": b"<script>" + SECRET}),
        ("JPEG", {"exif": exif(), "xmp": SECRET, "progressive": True}),
        ("PNG", {"exif": exif(), "pnginfo": text()}),
        ("GIF", {"comment": SECRET}),
        ("WEBP", {"exif": exif(), "xmp": SECRET}),
        ("AVIF", {"exif": exif(), "xmp": SECRET}),
    ),
)
@pytest.mark.parametrize("colours", (("teal",), ("red", "blue", "teal")))
def test_metadata_is_removed_and_pixels_stay(draw, kind, options, colours):
    if kind == "JPEG":
        colours = colours[:1]
    content = draw(kind, colours=colours, **options)
    cleaned = metadata.strip(content, f"image/{kind.lower()}")
    assert SECRET in content
    assert SECRET not in cleaned
    assert pixels(cleaned) == pixels(content)
    assert len(pixels(cleaned)) == len(colours)
    assert metadata.strip(cleaned, f"image/{kind.lower()}") == cleaned


@pytest.mark.parametrize("kind", ("JPEG", "PNG", "GIF", "WEBP"))
def test_data_after_the_end_is_removed(draw, kind):
    content = draw(kind)
    hidden = content + b"<script>alert(1)</script>PK\3\4"
    assert b"alert" not in metadata.strip(hidden, f"image/{kind.lower()}")


def test_unknown_boxes_in_an_avif_are_zeroed(draw):
    hidden = draw("AVIF") + struct.pack(">I4s", 8 + len(SECRET), b"uuid") + SECRET
    assert SECRET not in metadata.strip(hidden, "image/avif")
    last = draw("AVIF") + struct.pack(">I4sQ", 1, b"uuid", 16 + len(SECRET)) + SECRET
    assert SECRET not in metadata.strip(last, "image/avif")
    to_the_end = draw("AVIF") + struct.pack(">I4s", 0, b"uuid") + SECRET
    assert SECRET not in metadata.strip(to_the_end, "image/avif")


def test_track_metadata_in_an_avif_is_zeroed():
    words = box(b"udta", SECRET)
    moov = box(b"moov", box(b"trak", box(b"mdia", words) + box(b"tkhd", b"kept")))
    cleaned = metadata.strip(moov, "image/avif")
    assert SECRET not in cleaned
    assert b"kept" in cleaned


def box(name, content):
    return struct.pack(">I4s", 8 + len(content), name) + content


def avif(entries, places, *, wide=False, inside=b""):
    """Return a `meta` box (ISO/IEC 14496-12) with one item."""
    count = struct.pack(">BBBBI", 1, 0, 0, 0, 1) if wide else struct.pack(">BBBBH", 0, 0, 0, 0, 1)
    return box(
        b"meta",
        bytes(4) + box(b"iinf", count + entries) + box(b"iloc", places) + box(b"idat", inside),
    )


def test_an_avif_without_items_is_unchanged():
    assert metadata.strip(box(b"meta", bytes(4)), "image/avif") == box(b"meta", bytes(4))


def test_items_with_wide_ids_are_zeroed():
    entry = box(b"infe", struct.pack(">BBBBIH4s", 3, 0, 0, 0, 7, 0, b"Exif"))
    places = struct.pack(">BBBBHI", 2, 0, 0, 0, 0x4400, 1)
    places += struct.pack(">IHHHII", 7, 1, 0, 1, 0, len(SECRET))
    cleaned = metadata.strip(avif(entry, places, wide=True, inside=SECRET), "image/avif")
    assert SECRET not in cleaned
    assert b"Exif" not in cleaned


@pytest.mark.parametrize(
    ("kind", "content"),
    (
        ("jpeg", b"\xff\xd8\xff\xe0"),
        ("jpeg", b"\xff\xd8\xff\xe0\0\2abcdefgh"),
        ("jpeg", b"\xff\xd8\xff\xda\0\2abc"),
        ("jpeg", b"\xff\xd8" + b"\xff\xda\0\2" * 999 + b"\xff\xd9"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("gif", b"GIF89a"),
        ("gif", b"GIF89a" + bytes(7) + b"x"),
        ("avif", struct.pack(">I4s", 3, b"meta")),
        ("avif", struct.pack(">I4s", 99, b"meta")),
        ("avif", box(b"meta", bytes(4) + box(b"iinf", bytes(6)) + box(b"iloc", b"\0\0\0\0\4"))),
    ),
)
def test_a_broken_file_is_refused(kind, content):
    with pytest.raises(metadata.Broken):
        metadata.strip(content, f"image/{kind}")


def test_an_item_outside_the_file_is_refused():
    entry = box(b"infe", struct.pack(">BBBBHH4s", 2, 0, 0, 0, 7, 0, b"Exif"))
    places = struct.pack(">BBBBHHHHHII", 0, 0, 0, 0, 0x4400, 1, 7, 0, 1, 9999, 5)
    with pytest.raises(metadata.Broken, match="outside"):
        metadata.strip(avif(entry, places), "image/avif")
    with pytest.raises(metadata.Broken, match="too early"):
        metadata.strip(avif(entry, places[:9]), "image/avif")


def test_overlapping_items_are_refused():
    entry = box(b"infe", struct.pack(">BBBBHH4s", 2, 0, 0, 0, 7, 0, b"Exif"))
    places = struct.pack(">BBBBHHHHH", 0, 0, 0, 0, 0x4400, 1, 7, 0, 9)
    with pytest.raises(metadata.Broken, match="larger than the file"):
        metadata.strip(avif(entry, places + struct.pack(">II", 0, 50) * 9), "image/avif")
    places = struct.pack(">BBBBHHHHH", 0, 0, 0, 0, 0, 1, 8, 0, 65535)
    with pytest.raises(metadata.Broken, match="larger than the file"):
        metadata.strip(avif(entry, places), "image/avif")


def test_fill_bytes_in_a_jpeg_are_ignored(draw):
    content = draw("JPEG")
    assert metadata.strip(b"\xff\xd8\xff\xff\xff" + content[3:], "image/jpeg") == (
        metadata.strip(content, "image/jpeg")
    )
