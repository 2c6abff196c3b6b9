import functools
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL import ImageCms
from PIL import ImageStat

from flaskr import errors
from flaskr import images

MOST = 25 * 1024 * 1024
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' %s></svg>"
# An image to rotate: the left half is red, the right half is blue.
SIDES = Image.new("RGB", (40, 20), "red")
SIDES.paste("blue", (20, 0, 40, 20))


def prepare(content):
    return images.prepare(content, max_bytes=MOST)


def opened(content):
    return Image.open(BytesIO(content))


def saved(picture, kind, **options):
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[images.ORIENTATION] = orientation
    return exif


@functools.cache
def profile(space):
    """Return a profile, always the same one, as a profile contains its creation time."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


@pytest.mark.parametrize("kind", ("JPEG", "PNG", "GIF", "WEBP", "AVIF"))
def test_images_are_detected_by_content(draw, kind):
    made = prepare(draw(kind))
    assert (made.type, made.width, made.height) == (f"image/{kind.lower()}", 60, 40)
    assert not made.animated


@pytest.mark.parametrize(
    ("attributes", "size"),
    (
        (b"width='30' height='20px'", (30, 20)),
        (b"width='3pt' height='1in' viewBox='0 0 9 9'", (4, 96)),
        (b"width='100%' viewBox='0 0 9.6 5'", (10, 5)),
        (b"width='1e9' height='-1' viewBox='0,0,0,9'", (None, None)),
        (b"", (None, None)),
    ),
)
def test_an_svg_keeps_its_bytes_and_has_a_size(attributes, size):
    made = prepare(SVG % attributes)
    assert (made.content, made.type) == (SVG % attributes, images.SVG)
    assert (made.width, made.height) == size


def test_other_files_are_unchanged():
    assert prepare(b"%PDF-1.7") == images.Prepared(b"%PDF-1.7", "application/pdf")


@pytest.mark.parametrize(
    ("content", "sentence"),
    (
        (b"", "The file is empty."),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Save it as JPEG"),
        (b"\xff\xd8\xff", "broken or was cut short"),
        (b"\x89PNG\r\n\x1a\n", "broken or was cut short"),
        (b"GIF89a/*\0alert(1)", "broken or was cut short"),
    ),
)
def test_an_unusable_file_is_refused_with_a_message(content, sentence):
    with pytest.raises(errors.Invalid, match=sentence):
        prepare(content)


@pytest.mark.parametrize("kind", ("JPEG", "PNG", "GIF", "WEBP", "AVIF"))
def test_a_truncated_image_is_refused(kind):
    noise = saved(Image.effect_noise((200, 150), 60).convert("RGB"), kind)
    with pytest.raises(errors.Invalid, match="broken or was cut short"):
        prepare(noise[: len(noise) // 2])


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(errors.TooLong, match="at most 25 MB"):
        prepare(bytes(MOST + 1))


@pytest.mark.parametrize("side", (7100, 9500, 60_000))
def test_a_decompression_bomb_is_refused_before_decoding(side):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + bytes(4)

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    header = chunk(b"IHDR", header)[:-4] + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(9999)))
    with pytest.raises(errors.TooLong, match="at most 50 megapixels"):
        prepare(bomb)


@pytest.mark.parametrize("kind", ("JPEG", "PNG", "WEBP", "AVIF"))
def test_a_rotated_photo_is_turned_upright(kind):
    options = {"subsampling": "4:4:4"} if kind in ("JPEG", "AVIF") else {}
    made = prepare(saved(SIDES, kind, exif=turned(6), quality=95, **options))
    assert (made.width, made.height) == (20, 40)
    shown = opened(made.variants.get(20) or made.content).convert("RGB")
    assert shown.getpixel((10, 5))[0] > 200
    assert shown.getpixel((10, 35))[2] > 200
    if kind != "AVIF":
        assert opened(made.content).size == (20, 40)


def test_an_invalid_orientation_is_ignored():
    made = prepare(saved(SIDES, "JPEG", exif=turned(99)))
    assert (made.width, made.height) == (40, 20)


def test_an_orientation_that_is_no_number_is_ignored(monkeypatch):
    monkeypatch.setattr(Image.Image, "getexif", lambda _: {images.ORIENTATION: "up"})
    assert prepare(saved(SIDES, "JPEG")).width == 40


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_unreadable_metadata_is_ignored():
    made = prepare(saved(SIDES, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert (made.width, made.height) == (40, 20)


def test_variants_are_never_wider_than_the_image():
    noise = Image.effect_noise((3000, 30), 90)
    made = prepare(saved(noise.convert("RGB"), "JPEG", quality=98))
    assert sorted(made.variants) == list(images.VARIANT_WIDTHS)
    assert opened(made.variants[800]).size == (800, 8)
    assert sorted(prepare(saved(noise.crop((0, 0, 900, 30)), "PNG")).variants) == [480, 800, 900]


@pytest.mark.parametrize(("width", "largest"), ((3999, 2400), (4000, 2000), (8400, 2100)))
def test_largest_variant_of_a_big_jpeg_is_decoded_at_its_size(width, largest):
    noise = Image.effect_noise((width, 40), 90).convert("RGB")
    made = prepare(saved(noise, "JPEG", quality=98))
    assert (made.width, made.height, max(made.variants)) == (width, 40, largest)
    assert opened(made.content).size == (width, 40)
    assert opened(made.variants[largest]).width == largest


def test_variants_that_are_not_smaller_are_dropped(draw):
    assert prepare(draw(size=(500, 2), mode="1")).variants == {}


@pytest.mark.parametrize("mode", ("L", "P", "LA", "RGBA", "CMYK"))
def test_every_color_mode_keeps_its_colors(mode):
    noise = Image.effect_noise((90, 60), 90).resize((900, 600)).convert("RGB").convert(mode)
    made = prepare(saved(noise, "JPEG" if mode == "CMYK" else "PNG"))
    assert abs(brightness(opened(made.variants[480])) - brightness(noise)) < 5


def brightness(picture):
    return ImageStat.Stat(picture.convert("RGB").convert("L")).mean[0]


def test_a_16_bit_image_keeps_its_brightness():
    values = [value * 257 for value in Image.effect_noise((90, 60), 90).tobytes()]
    deep = Image.frombytes("I;16", (90, 60), struct.pack(f"<{90 * 60}H", *values))
    made = prepare(saved(deep, "PNG"))
    assert abs(brightness(opened(made.variants[90])) - sum(values) / 257 / 5400) < 5


def test_transparency_is_kept(draw):
    noise = Image.effect_noise((90, 60), 90).convert("RGBA")
    noise.putalpha(Image.effect_noise((90, 60), 90))
    made = prepare(saved(noise, "PNG"))
    assert opened(made.variants[90]).mode == "RGBA"


def test_a_color_profile_is_kept():
    noise = Image.effect_noise((90, 60), 90).convert("RGB")
    made = prepare(saved(noise, "JPEG", quality=98, icc_profile=profile("sRGB")))
    assert opened(made.content).info["icc_profile"] == profile("sRGB")
    assert opened(made.variants[90]).info["icc_profile"] == profile("sRGB")


def test_a_color_profile_is_kept_by_a_rotated_image():
    noise = Image.effect_noise((90, 60), 90).convert("RGB")
    made = prepare(saved(noise, "JPEG", icc_profile=profile("sRGB"), exif=turned(3)))
    assert opened(made.content).info["icc_profile"] == profile("sRGB")


@pytest.mark.parametrize(
    ("mode", "icc"),
    (
        ("L", profile("XYZ")),
        ("L", b"x" * 16 + b"GRAY" + b"x" * 200),
        ("RGB", profile("LAB")),
    ),
)
def test_images_with_a_profile_of_another_color_space_become_srgb(mode, icc):
    noise = Image.effect_noise((90, 60), 90).convert(mode)
    made = prepare(saved(noise, "JPEG", quality=98, icc_profile=icc))
    assert "icc_profile" not in opened(made.variants[90]).info


def test_a_gray_profile_is_applied(monkeypatch):
    monkeypatch.setattr(
        ImageCms, "profileToProfile", lambda *_, **__: Image.new("RGB", (90, 60), "red")
    )
    icc = b"x" * 16 + b"GRAY" + b"x" * 200
    made = prepare(saved(Image.effect_noise((90, 60), 90), "JPEG", icc_profile=icc))
    assert opened(made.variants[90]).getpixel((0, 0))[0] > 240


@pytest.mark.parametrize("kind", ("GIF", "WEBP", "PNG", "AVIF"))
def test_an_animation_stays_animated(draw, kind):
    made = prepare(draw(kind, colours=("red", "green", "blue")))
    assert made.animated
    assert opened(made.content).n_frames == 3
    assert list(made.variants) == [60]
    assert not getattr(opened(made.variants[60]), "is_animated", False)


def test_only_the_beginning_of_a_long_animation_is_decoded(draw, monkeypatch):
    monkeypatch.setattr(images, "MAX_DECODED_PIXELS", 60 * 40)
    assert prepare(draw("GIF", colours=("red", "green", "blue"))).animated


def test_a_multi_picture_photo_becomes_its_first_picture(draw):
    made = prepare(draw("MPO", colours=("red", "blue")))
    assert (made.type, made.animated) == ("image/jpeg", False)
    assert opened(made.content).format == "JPEG"


def pixels(content):
    return Image.open(BytesIO(content)).convert("RGBA")


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    (
        ("PNG", "RGBA", (300, 100)),
        ("PNG", "P", (3, 900)),
        ("JPEG", "L", (2000, 1000)),
        ("JPEG", "CMYK", (40, 40)),
        ("GIF", "P", (1, 1)),
        ("WEBP", "RGB", (64, 64)),
    ),
)
def test_any_image_becomes_icons_of_all_sizes(draw, kind, mode, size):
    icons = images.make_icons(draw(kind, size, mode=mode))
    assert set(icons) == {"32.png", "180.png", "192.png", "512.png", "favicon.ico"}
    for name, content in icons.items():
        side = int(name.removesuffix(".png")) if name.endswith("png") else 48
        assert pixels(content).size == (side, side)


def test_an_icon_centers_its_image_on_transparency(draw):
    icons = images.make_icons(draw(size=(300, 100), colours=("red",)))
    assert pixels(icons["192.png"]).getpixel((96, 5))[3] == 0
    assert pixels(icons["192.png"]).getpixel((96, 96)) == (255, 0, 0, 255)
    assert pixels(icons["180.png"]).getpixel((90, 5)) == (255, 255, 255, 255)


def test_an_icon_is_upright_and_has_no_metadata(draw):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"
    icons = images.make_icons(draw("JPEG", (300, 100), exif=exif))
    assert pixels(icons["192.png"]).getpixel((5, 96))[3] == 0
    assert all(b"where it was" not in content for content in icons.values())


@pytest.mark.parametrize("name", (b"zTXt", b"tEXt", b"eXIf", b"iCCP"))
def test_wrong_checksum_of_metadata_is_accepted(draw, name):
    content = draw()
    chunk = len(b"damaged").to_bytes(4, "big") + name + b"damaged" + b"none"
    damaged = content[:33] + chunk + content[33:]
    prepared = images.prepare(damaged, max_bytes=10**6)
    assert (prepared.content, prepared.width) == (content, 60)
