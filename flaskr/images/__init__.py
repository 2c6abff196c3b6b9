"""Prepare uploaded images for pages."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from typing import NamedTuple

from .. import errors
from ..sizes import format_size
from . import metadata
from .file_types import EXTENSIONS as EXTENSIONS
from .file_types import FORMATS as FORMATS
from .file_types import HEIC
from .file_types import SVG as SVG
from .file_types import UNKNOWN as UNKNOWN
from .file_types import is_image as is_image
from .file_types import sniff as sniff

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = metadata.MAX_PIXELS
# Frames of an animation after this many pixels are not decoded.
MAX_DECODED_PIXELS = 250_000_000
# One image takes hundreds of megabytes: decoding several at once could exhaust the memory.
DECODING_LOCK = threading.Lock()
# Files of method 1 look like those of method 2 and quality 82, are as large, and take less time.
WEBP_METHOD = 1
WEBP_QUALITY = 80
VARIANT_WIDTHS = (480, 800, 1200, 1600, 2400)
# The largest variant of a JPEG may be this narrow: half or a quarter of its width is cheap to make.
MIN_LARGEST_WIDTH = 2000
# The media library shows a still of an animation, no wider than this.
STILL_WIDTH = VARIANT_WIDTHS[0]
ICON_SIZES = (32, 192, 512)
MAX_ICON_SIDE = 1024
MAX_ICON_BYTES = 10 * 1024 * 1024
# Uploads are stored under the hash of their content, and served as /media/NAME.
HASH = "[0-9a-f]{32}"
NAME = rf"{HASH}\.[a-z0-9]{{3,4}}"
URL = re.compile(f"/media/({NAME})", re.ASCII)
TRANSPOSITIONS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
ORIENTATION = 0x0112
SVG_TAG = re.compile(r"<svg\s([^<>]*)>")
SVG_SIZES = re.compile(
    r"""(?<![\w:.-])(width|height|viewBox)\s{0,9}=\s{0,9}["']([^"'<>]{0,200})["']"""
)
SVG_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{1,9})?)\s{0,9}([a-z]{0,9})", re.ASCII)
# SVG length units in CSS pixels.
PIXELS_PER_UNIT = {
    "": 1,
    "px": 1,
    "pt": 96 / 72,
    "pc": 16,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96,
}


class Prepared(NamedTuple):
    """A file ready to store: cleaned, and with narrower WebP variants by width."""

    content: bytes
    type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False
    variants: dict[int, bytes] = {}  # noqa: RUF012  # never written to


def prepare(content: bytes, *, max_bytes: int, make_variants: bool = True) -> Prepared:
    """Clean a file and make it ready to store; without `make_variants`, only check it.

    Raises `TooLong` if it is too large, and `Invalid` if it is empty or a broken image.
    """
    if not content:
        raise errors.Invalid("The file is empty.", "files")
    if len(content) > max_bytes:
        raise errors.TooLong(f"The file is too large: at most {format_size(max_bytes)}.", "files")
    kind = sniff(content)
    if kind == HEIC:
        raise errors.Invalid(
            "Few browsers can show HEIC images. Save it as JPEG, then upload that.", "files"
        )
    if kind == SVG:
        return Prepared(content, kind, *_svg_size(content))
    if kind in FORMATS:
        return _prepare_image(content, kind, make_variants)
    return Prepared(content, kind)


def make_icons(content: bytes) -> dict[str, bytes]:
    """Return the files of a site icon for browsers and phones, by name.

    An image that is not square is padded. Raises `Invalid`.
    """
    kind = sniff(content)
    if kind not in FORMATS:
        raise errors.Invalid("Choose an image: PNG, JPEG, WebP, GIF or AVIF.", "icon")
    with _translate_errors():
        return _build_icons(content, kind)


def _build_icons(content: bytes, kind: str) -> dict[str, bytes]:
    from PIL import Image

    orientation = _read_orientation(content, kind)
    picture = _transpose(_open(metadata.strip(content, kind), kind), orientation)
    shown = _convert_colors(picture).convert("RGBA")
    shown.thumbnail((MAX_ICON_SIDE, MAX_ICON_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    side = max(shown.size)
    square = Image.new("RGBA", (side, side))
    square.paste(shown, ((side - shown.width) // 2, (side - shown.height) // 2))
    profile = shown.info.get("icc_profile", b"")
    made = {f"{size}.png": _encode_icon(square, size, profile) for size in ICON_SIZES}
    # Phones show transparent areas in black.
    opaque = Image.new("RGBA", square.size, "white")
    opaque.alpha_composite(square)
    made["180.png"] = _encode_icon(opaque.convert("RGB"), 180, profile)
    out = BytesIO()
    square.resize((48, 48), Image.Resampling.LANCZOS).save(
        out, "ICO", sizes=[(16, 16), (32, 32), (48, 48)]
    )
    return {**made, "favicon.ico": out.getvalue()}


def _encode_icon(square: "Picture", size: int, profile: bytes) -> bytes:
    from PIL import Image

    out = BytesIO()
    resized = square.resize((size, size), Image.Resampling.LANCZOS)
    resized.save(out, "PNG", optimize=True, icc_profile=profile)
    return out.getvalue()


def _svg_size(content: bytes) -> tuple[int, int] | tuple[None, None]:
    tag = SVG_TAG.search(content[:65536].decode(errors="replace"))
    values = dict(SVG_SIZES.findall(tag[1] if tag else ""))
    box = [*values.get("viewBox", "").replace(",", " ").split(), "", "", "", ""]
    for width, height in ((values.get("width"), values.get("height")), (box[2], box[3])):
        size = _parse_svg_length(width), _parse_svg_length(height)
        if all(size):
            return size
    return None, None


def _parse_svg_length(length: str | None) -> int:
    match = SVG_LENGTH.fullmatch((length or "").strip())
    return round(float(match[1]) * PIXELS_PER_UNIT.get(match[2], 0)) if match else 0


def _prepare_image(content: bytes, kind: str, make_variants: bool) -> Prepared:
    with _translate_errors():
        cleaned = metadata.strip(content, kind)
        picture = _open(cleaned, kind)
        animated = kind != "image/jpeg" and getattr(picture, "is_animated", False)
        if animated:
            frames: int = picture.n_frames  # type: ignore[attr-defined]  # of those with frames
            metadata.check_size(frames, picture.width * picture.height)
            still = _decode_frames(picture)
            return Prepared(cleaned, kind, *picture.size, True, _build_still(still))
        upright = _transpose(picture, _read_orientation(content, kind))
        # All browsers follow the orientation of an AVIF.
        if upright is not picture and kind != "image/avif":
            cleaned = _reencode(upright, picture)
            upright = picture = _open(cleaned, kind)
        size = upright.size
        # A JPEG is decoded at half its size in a quarter of the time that resizing takes.
        upright.draft(None, (MIN_LARGEST_WIDTH, 1))
        upright.load()
        if not make_variants:
            return Prepared(cleaned, kind, *size)
        return Prepared(cleaned, kind, *size, False, _build_variants(upright, len(cleaned)))


@contextmanager
def _translate_errors() -> Iterator[None]:
    from PIL import Image

    try:
        with DECODING_LOCK:
            yield
    except errors.Invalid:
        raise
    except metadata.TooLarge as error:
        raise _too_large_error() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large_error() from error
    except Exception as error:
        # Decoders raise many types of exceptions for a broken file.
        raise errors.Invalid(
            "The image is broken or was cut short. Save it again, then upload the new file.",
            "files",
        ) from error


def _too_large_error() -> errors.Invalid:
    return errors.TooLong(
        f"The image is too large: at most {MAX_PIXELS // 1_000_000} megapixels. An animation can"
        f" have {metadata.MAX_FRAMES:,} frames of {metadata.MAX_FRAME_PIXELS // 1_000_000}"
        f" megapixels, {metadata.MAX_ANIMATION_PIXELS // 1_000_000:,} megapixels in total."
        " Make it smaller, then upload it again.",
        "files",
    )


def _read_orientation(content: bytes, kind: str) -> int:
    # Other metadata is not read, as it may be damaged or take long.
    stripped = metadata.strip(content, kind, keep_exif=True)
    # Pillow would decode the whole image to look for it.
    if kind == "image/png" and b"eXIf" not in stripped:
        return 1
    picture = _open(stripped, kind)
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        # Unreadable metadata is ignored, and removed anyway.
        return 1


def _open(content: bytes, kind: str) -> "Picture":
    from PIL import Image

    picture = Image.open(BytesIO(content), formats=[FORMATS[kind]])
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large_error()
    return picture


def _decode_frames(picture: "Picture") -> "Picture":
    """Return the first frame. Raises an exception if one of the decoded frames is broken."""
    first = picture.copy()
    left = MAX_DECODED_PIXELS
    for frame in range(1, picture.n_frames):  # type: ignore[attr-defined]  # of those with frames
        left -= picture.width * picture.height
        if left < 0:
            break
        picture.seek(frame)
        picture.load()
    return first


def _build_still(picture: "Picture") -> dict[int, bytes]:
    width = min(STILL_WIDTH, picture.width)
    return {width: _encode_webp(_resize(_convert_colors(picture), width))}


def _transpose(picture: "Picture", orientation: int) -> "Picture":
    from PIL import Image

    if orientation not in TRANSPOSITIONS:
        return picture
    return picture.transpose(Image.Transpose[TRANSPOSITIONS[orientation]])


def _reencode(upright: "Picture", original: "Picture") -> bytes:
    from PIL import JpegImagePlugin

    out = BytesIO()
    profile = original.info.get("icc_profile")
    if isinstance(original, JpegImagePlugin.JpegImageFile):
        upright.save(
            out,
            "JPEG",
            qtables=original.quantization,
            subsampling=JpegImagePlugin.get_sampling(original),
            optimize=True,
            icc_profile=profile,
        )
    elif original.format == "PNG":
        upright.save(out, "PNG", icc_profile=profile)
    else:
        upright.save(out, "WEBP", quality=92, icc_profile=profile)
    return out.getvalue()


def _build_variants(picture: "Picture", size: int) -> dict[int, bytes]:
    """Return WebP variants by width, without those that are larger than the original."""
    resized = [_convert_colors(picture)]
    for width in sorted({min(width, picture.width) for width in VARIANT_WIDTHS}, reverse=True):
        resized.append(_resize(resized[-1], width))
    made = {}
    for shown in reversed(resized[1:]):
        content = _encode_webp(shown)
        # Wider ones would be larger still.
        if len(content) >= size:
            break
        made[shown.width] = content
    return made


def _convert_colors(picture: "Picture") -> "Picture":
    """Return the image in a color mode that WebP supports, with its color profile."""
    profile = picture.info.get("icc_profile") or b""
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    # A large image takes hundreds of megabytes: copy it only if necessary.
    shown = picture if picture.mode == mode else picture.convert(mode)
    if profile and profile[16:20] != b"RGB ":
        shown, profile = _convert_to_srgb(picture, profile) or shown, b""
    shown.info = {"icc_profile": profile} if profile else {}
    return shown


def _convert_to_srgb(picture: "Picture", profile: bytes) -> "Picture | None":
    from PIL import ImageCms

    if picture.mode not in ("CMYK", "L"):
        return None
    try:
        return ImageCms.profileToProfile(
            picture, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return None


def _resize(picture: "Picture", width: int) -> "Picture":
    from PIL import Image

    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    # LANCZOS takes half as much time again, and makes files a twentieth larger.
    return picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _encode_webp(picture: "Picture") -> bytes:
    out = BytesIO()
    profile = picture.info.get("icc_profile", b"")
    picture.save(out, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD, icc_profile=profile)
    return out.getvalue()
