"""Files as they come: what kind they are by content, and pictures made ready for pages."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from typing import NamedTuple

from .. import errors
from . import metadata

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = metadata.MAX_PIXELS
# Of an animation so many pixels are looked at; what follows is taken on trust.
MAX_FRAME_PIXELS = 250_000_000
# One picture takes hundreds of megabytes: several at once would take all there are.
DECODING_LOCK = threading.Lock()
VARIANT_WIDTHS = (480, 800, 1200, 1600, 2400)
# What the library shows of an animation stands still, and is no wider than this.
STILL_WIDTH = VARIANT_WIDTHS[0]
ICON_SIZES = (32, 192, 512)
MAX_ICON = 1024
PACKED_AT_ONCE = 2
MAX_ICON_BYTES = 10 * 1024 * 1024
SVG = "image/svg+xml"
UNKNOWN = "application/octet-stream"
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    SVG: "svg",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    UNKNOWN: "bin",
}
HEIC = "image/heic"
BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": HEIC,
    b"heix": HEIC,
    b"hevc": HEIC,
    b"mif1": HEIC,
    b"msf1": HEIC,
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
BEGINNINGS = [
    (re.compile(beginning, re.DOTALL), kind)
    for beginning, kind in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK\x03\x04|PK\x05\x06", "application/zip"),
        (rb"fLaC", "audio/flac"),
        (rb"OggS", "audio/ogg"),
        (rb"ID3|\xff[\xfb\xfa\xf3\xf2]", "audio/mpeg"),
        (rb"\x1a\x45\xdf\xa3.{0,60}webm", "video/webm"),
        (
            rb"(?:\xef\xbb\xbf)?\s*+(?:(?><\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?>)\s*+)*+"
            rb"<svg[\s>]",
            SVG,
        ),
    )
]
TURNS = {
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
# CSS pixels in the lengths of an SVG.
UNITS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}


class Prepared(NamedTuple):
    """A file as it is kept: cleaned, and with narrower WebP pictures by their widths."""

    content: bytes
    type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False
    variants: dict[int, bytes] = {}  # noqa: RUF012  # never written to


def sniff(content: bytes) -> str:
    """The type of a file by its first bytes, whatever its name; `UNKNOWN` for all other kinds."""
    head = content[:65536]
    if head[4:8] == b"ftyp":
        return _sniff_boxes(head)
    for beginning, kind in BEGINNINGS:
        if beginning.match(head):
            return kind
    return UNKNOWN


def is_image(content: bytes) -> bool:
    """Return true for content of a kind that pages show as a picture."""
    return sniff(content) in {*FORMATS, SVG}


def _sniff_boxes(head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    brands = [head[at : at + 4] for at in (8, *range(16, min(size, 256), 4))]
    # The first is the one the file is; a picture may say it among those it is also like.
    if "image/avif" in map(BRANDS.get, brands):
        return "image/avif"
    return BRANDS.get(brands[0], "video/mp4")


def prepare(content: bytes, *, max_bytes: int) -> Prepared:
    """The file cleaned and ready to be kept. Raises `TooLong`, `Invalid` for a broken picture."""
    if not content:
        raise errors.Invalid("The file is empty.", "files")
    if len(content) > max_bytes:
        most = max_bytes / 1024 / 1024
        raise errors.TooLong(f"The file is too big: at most {most:.4g} MB.", "files")
    kind = sniff(content)
    if kind == HEIC:
        raise errors.Invalid(
            "HEIC pictures show in few browsers. Save it as JPEG, then upload that.", "files"
        )
    if kind == SVG:
        return Prepared(content, kind, *_svg_size(content))
    if kind in FORMATS:
        return _picture(content, kind)
    return Prepared(content, kind)


def make_icons(content: bytes) -> dict[str, bytes]:
    """The picture as a site's icon: all that browsers and telephones ask for, by name.

    A picture that is not square gets room at two sides. Raises `Invalid`.
    """
    kind = sniff(content)
    if kind not in FORMATS:
        raise errors.Invalid("Choose a picture: PNG, JPEG, WebP, GIF or AVIF.", "icon")
    with _sentences():
        return _icons(content, kind)


def _icons(content: bytes, kind: str) -> dict[str, bytes]:
    from PIL import Image

    orientation = _orientation(content, kind)
    picture = _turned(_open(metadata.strip(content, kind), kind), orientation)
    shown = _for_screens(picture).convert("RGBA")
    shown.thumbnail((MAX_ICON, MAX_ICON), Image.Resampling.LANCZOS, reducing_gap=3.0)
    side = max(shown.size)
    square = Image.new("RGBA", (side, side))
    square.paste(shown, ((side - shown.width) // 2, (side - shown.height) // 2))
    profile = shown.info.get("icc_profile", b"")
    made = {f"{size}.png": _icon(square, size, profile) for size in ICON_SIZES}
    # A telephone fills what is transparent with black.
    opaque = Image.new("RGBA", square.size, "white")
    opaque.alpha_composite(square)
    made["180.png"] = _icon(opaque.convert("RGB"), 180, profile)
    out = BytesIO()
    square.resize((48, 48), Image.Resampling.LANCZOS).save(
        out, "ICO", sizes=[(16, 16), (32, 32), (48, 48)]
    )
    return {**made, "favicon.ico": out.getvalue()}


def _icon(square: "Picture", size: int, profile: bytes) -> bytes:
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
        size = _pixels(width), _pixels(height)
        if all(size):
            return size
    return None, None


def _pixels(length: str | None) -> int:
    match = SVG_LENGTH.fullmatch((length or "").strip())
    return round(float(match[1]) * UNITS.get(match[2], 0)) if match else 0


def _picture(content: bytes, kind: str) -> Prepared:
    with _sentences():
        orientation = _orientation(content, kind)
        cleaned = metadata.strip(content, kind)
        picture = _open(cleaned, kind)
        animated = kind != "image/jpeg" and getattr(picture, "is_animated", False)
        if animated:
            frames: int = picture.n_frames  # type: ignore[attr-defined]  # of those with frames
            metadata.check_size(frames, picture.width * picture.height)
            still = _decoded_frames(picture)
            return Prepared(cleaned, kind, *picture.size, True, _still(still))
        upright = _turned(picture, orientation)
        # An AVIF says how it is to be turned in a way that all browsers follow.
        if upright is not picture and kind != "image/avif":
            cleaned = _saved_again(upright, picture)
        return Prepared(cleaned, kind, *upright.size, False, _variants(upright, len(cleaned)))


@contextmanager
def _sentences() -> Iterator[None]:
    from PIL import Image

    try:
        with DECODING_LOCK:
            yield
    except errors.Invalid:
        raise
    except metadata.TooLarge as error:
        raise _too_large() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:
        # Decoders raise whatever comes to them; none of it is a fault of ours.
        raise errors.Invalid(
            "The picture is broken or was cut short. Save it anew, then upload it again.", "files"
        ) from error


def _too_large() -> errors.Invalid:
    return errors.TooLong(
        f"The picture is too large: at most {MAX_PIXELS // 1_000_000} megapixels. An animation may"
        f" have {metadata.MAX_FRAMES:,} frames of {metadata.MAX_FRAME_PIXELS // 1_000_000}"
        f" megapixels, {metadata.MAX_ANIMATION_PIXELS // 1_000_000:,} megapixels together."
        " Make it smaller, then upload it again.",
        "files",
    )


def _orientation(content: bytes, kind: str) -> int:
    # Nothing else of its metadata is read: it may be damaged, or take long.
    picture = _open(metadata.strip(content, kind, keep_exif=True), kind)
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        # Metadata that cannot be read says nothing, and is dropped anyway.
        return 1


def _open(content: bytes, kind: str) -> "Picture":
    from PIL import Image

    picture = Image.open(BytesIO(content), formats=[FORMATS[kind]])
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    return picture


def _decoded_frames(picture: "Picture") -> "Picture":
    """The first frame, after as many as one looks at were found to be whole."""
    first = picture.copy()
    left = MAX_FRAME_PIXELS
    for frame in range(1, picture.n_frames):  # type: ignore[attr-defined]  # of those with frames
        left -= picture.width * picture.height
        if left < 0:
            break
        picture.seek(frame)
        picture.load()
    return first


def _still(picture: "Picture") -> dict[int, bytes]:
    width = min(STILL_WIDTH, picture.width)
    return {width: _webp(_narrowed(_for_screens(picture), width))}


def _turned(picture: "Picture", orientation: int) -> "Picture":
    from PIL import Image

    picture.load()
    if orientation not in TURNS:
        return picture
    return picture.transpose(Image.Transpose[TURNS[orientation]])


def _saved_again(upright: "Picture", original: "Picture") -> bytes:
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


def _variants(picture: "Picture", size: int) -> dict[int, bytes]:
    """WebP pictures that spare bytes, by width; the widest as wide as the picture, if it can be."""
    from concurrent.futures import ThreadPoolExecutor

    shown = _for_screens(picture)
    # Most of the time goes into packing, which needs no lock of Python's.
    with ThreadPoolExecutor(PACKED_AT_ONCE) as pool:
        packed = {}
        for width in sorted({min(width, picture.width) for width in VARIANT_WIDTHS}, reverse=True):
            shown = _narrowed(shown, width)
            packed[width] = pool.submit(_webp, shown)
    made = {width: one.result() for width, one in packed.items()}
    return {width: content for width, content in made.items() if len(content) < size}


def _for_screens(picture: "Picture") -> "Picture":
    """The picture in colours that a WebP can have, with the profile that these are meant in."""
    profile = picture.info.get("icc_profile") or b""
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    # A large picture takes hundreds of megabytes: it is not copied without need.
    shown = picture if picture.mode == mode else picture.convert(mode)
    if profile and profile[16:20] != b"RGB ":
        shown, profile = _in_srgb(picture, profile) or shown, b""
    shown.info = {"icc_profile": profile} if profile else {}
    return shown


def _in_srgb(picture: "Picture", profile: bytes) -> "Picture | None":
    from PIL import ImageCms

    if picture.mode not in ("CMYK", "L"):
        return None
    try:
        return ImageCms.profileToProfile(
            picture, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return None


def _narrowed(picture: "Picture", width: int) -> "Picture":
    from PIL import Image

    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _webp(picture: "Picture") -> bytes:
    out = BytesIO()
    profile = picture.info.get("icc_profile", b"")
    picture.save(out, "WEBP", quality=82, method=4, icc_profile=profile)
    return out.getvalue()
