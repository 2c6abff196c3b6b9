import pytest

from flaskr import images


@pytest.mark.parametrize(
    ("content", "kind"),
    (
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\3\4rest", "application/zip"),
        (b"ID3\4", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"OggS\0", "audio/ogg"),
        (b"fLaC\0", "audio/flac"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\x1a\x45\xdf\xa3\x01\0webm", "video/webm"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42avc1", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", "audio/mp4"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"<svg>", images.SVG),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<svg ", images.SVG),
        (b"<!DOCTYPE svg PUBLIC 'x' [<!ENTITY a 'b'>]><svg\n", images.SVG),
        (b"<!doctype html><svg>", images.UNKNOWN),
        (b"<html><script>alert(1)</script>", images.UNKNOWN),
        (b"<!-- %PDF-1.7 -->", images.UNKNOWN),
        (b"<!--a-->" * 5000 + b"<html>", images.UNKNOWN),
        (b"MZ\x90", images.UNKNOWN),
    ),
)
def test_the_type_is_detected_by_content(content, kind):
    assert images.sniff(content) == kind
