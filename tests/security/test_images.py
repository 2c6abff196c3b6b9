"""Images that would exhaust memory or time are refused with a message; none causes a 500."""

import struct
import threading
import zlib
from io import BytesIO

import pytest
from PIL import Image

from flaskr import errors
from flaskr import images

MOST = 25 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
EXIF = b"Exif\0\0II*\0\x08\0\0\0"


def prepare(content):
    return images.prepare(content, max_bytes=MOST)


def chunk(name, content=b""):
    crc = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def png(side=8, *between, bits=8):
    header = struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\1" * min(side, 999)) * min(side, 9))
    chunks = [chunk(b"IHDR", header), *between, chunk(b"IDAT", lines), chunk(b"IEND")]
    return PNG + b"".join(chunks)


def gif(size, frames, frame_size=(1, 1)):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame_size, 0) + b"\2\2\x44\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + bytes(6) + frame * frames + b";"


def webp(size, frames):
    width, height = ((side - 1).to_bytes(3, "little") for side in size)
    out = BytesIO()
    Image.new("RGB", (1, 1)).save(out, "WEBP", lossless=True)
    one = out.getvalue()[12:]
    frame = bytes(6) + bytes(6) + b"\x0a\0\0\0" + one
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + width + height
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def apng(frames):
    """Return an image that declares a number of frames."""
    return png(8, chunk(b"acTL", struct.pack(">II", frames, 0)))


@pytest.mark.parametrize(
    "content",
    (
        gif((8, 8), 400_000),
        gif((6000, 6000), 2),
        gif((3000, 3000), 200),
        gif((8, 8), 2, (60_000, 60_000)),
        gif((8, 8), 1)[:-1] + gif((8, 8), 1, (7000, 7000))[19:],
        webp((8, 8), 20_000),
        webp((16_000, 16_000), 2),
        webp((5000, 5000), 2),
        webp((1000, 1000), 2000),
        apng(2**31 - 1),
        png(100_000),
        png(7100),
        png(2**31 - 1, bits=16),
    ),
    ids=range(13),
)
def test_too_many_pixels_or_frames_are_refused(content):
    with pytest.raises(errors.TooLong, match="too large: at most"):
        prepare(content)


@pytest.mark.parametrize("side", (7100, 9500, 20_000, 65_535))
def test_a_photo_with_a_huge_declared_size_is_refused(draw, side):
    content = bytearray(draw("JPEG"))
    # The marker, length, and depth precede the size.
    size = content.index(b"\xff\xc0") + 5
    content[size : size + 4] = struct.pack(">HH", side, side)
    with pytest.raises(errors.TooLong, match="too large: at most"):
        prepare(bytes(content))


@pytest.mark.parametrize("make", (gif, webp))
def test_an_ordinary_animation_is_accepted(make):
    assert prepare(make((8, 8), 50)).animated


@pytest.mark.parametrize(
    "content",
    (
        b"\xff\xd8" + b"\xff" * 5_000_000,
        b"\xff\xd8\xff\xda\0\2" + b"\xff" * 5_000_000,
        b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * 2_500_000,
        b"\xff\xd8" + (b"\xff\xe1\xff\xff" + EXIF + bytes(65_519)) * 100,
        b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\1a" * 2_000_000,
        b"RIFF\xff\xff\xff\xffWEBPVP8X\xff\xff\xff\xff",
        b"RIFF\xff\xff\xff\xffWEBP" + b"VP8 \0\0\0\0" * 500_000,
        png(8)[:-20],
        PNG + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT") * 300_000,
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0\0\0\x08free" * 500_000,
    ),
    ids=range(10),
)
def test_broken_images_are_refused_quickly(content):
    with pytest.raises(errors.Invalid, match="broken or was cut short"):
        prepare(content)


@pytest.mark.parametrize(
    "between",
    (
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"tEXt", b"a\0" + b"b" * 10_000_000),
        chunk(b"eXIf", EXIF[6:] + b"\xff" * 60_000),
        chunk(b"zTXt", b"damaged")[:-1] + b"x",
        chunk(b"pHYs", bytes(9))[:-1] + b"x",
        chunk(b"eXIf", EXIF)[:-1] + b"x",
        chunk(b"abCd", bytes(10_000_000)),
    ),
    ids=("zTXt", "iTXt", "tEXt", "eXIf", "bad zTXt", "bad pHYs", "bad eXIf", "unknown"),
)
def test_large_or_damaged_metadata_is_removed(between):
    made = prepare(png(8, between))
    assert (made.width, made.height) == (8, 8)
    assert len(made.content) < 200


@pytest.mark.parametrize(
    "content",
    (
        png(8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
        png(8, chunk(b"IHDR", bytes(13))),
        b"\xff\xd8\xff\xe2\0\x10ICC_PROFILE\0\xff\xff" * 2,
        b"II*\0\x08\0\0\0" + b"\xff" * 1000,
        b"MM\0*" + b"\0" * 1000,
        b"\0\0\1\0\xff\xff" + b"\xff" * 1000,
        b"BM" + b"\xff" * 1000,
        b"8BPS" + b"\xff" * 1000,
        gif((1, 1), 0),
        b"",
    ),
    ids=range(10),
)
def test_no_upload_causes_a_server_error(client, auth, content):
    auth.login()
    files = {"files": (BytesIO(content), "picture.png")}
    answer = client.post("/media", data=files, headers={"Accept": "application/json"})
    assert answer.status_code in (201, 400, 413, 422)


@pytest.mark.parametrize("first", (images.prepare, images.make_icons))
def test_one_image_is_decoded_at_a_time(first, draw, monkeypatch):
    decoding, most, lock = [], [], threading.Lock()
    load = Image.Image.convert

    def watched(picture, *args, **options):
        with lock:
            decoding.append(threading.get_ident())
            most.append(len(set(decoding)))
        try:
            return load(picture, *args, **options)
        finally:
            with lock:
                decoding.remove(threading.get_ident())

    monkeypatch.setattr(Image.Image, "convert", watched)
    picture = draw(size=(300, 300), mode="P")
    options = {"max_bytes": MOST} if first is images.prepare else {}
    threads = [
        threading.Thread(target=use, args=(picture,), kwargs=kwargs)
        for use, kwargs in ((first, options), (images.prepare, {"max_bytes": MOST})) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
