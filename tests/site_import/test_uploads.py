"""Whatever a zip holds, nothing is written outside its folder, and no disk is filled."""

import io
import stat
import zipfile

import pytest

from flaskr import errors
from flaskr.site_import import uploads


def make_zip(*entries, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def files(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def entry(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def test_files_are_unpacked_with_their_dates(tmp_path):
    info = zipfile.ZipInfo("site/a.md", (2015, 6, 25, 12, 0, 0))
    uploads.unpack(make_zip((info, "Text"), ("site/b/", "")), tmp_path / "new")
    assert files(tmp_path / "new") == ["site/a.md"]
    assert (tmp_path / "new/site/a.md").stat().st_mtime < 1_500_000_000


def test_folder_is_emptied_first(tmp_path):
    (tmp_path / "old.md").write_text("Old")
    uploads.unpack(make_zip(("a.md", "New")), tmp_path)
    assert files(tmp_path) == ["a.md"]


@pytest.mark.parametrize(
    "name",
    (
        "../out.md",
        "a/../../out.md",
        "/out.md",
        "..\\out.md",
        "C:\\out.md",
        "C:out.md",
        "x" * 300,
        "a/" * 50 + "deep.md",
        "y/" * 600 + "long.md",
        "a/.git/config",
        "node_modules/x/a.md",
        "__MACOSX/a.md",
    ),
)
def test_paths_that_lead_out_are_left_out(tmp_path, name):
    folder = tmp_path / "in" / "site"
    left_out = uploads.unpack(make_zip((name, "x"), ("good.md", "Text")), folder)
    assert files(tmp_path) == ["in/site/good.md"]
    is_usual = not uploads.IGNORED_PARTS.isdisjoint(name.split("/"))
    assert len(left_out) == (not is_usual)


@pytest.mark.parametrize("kind", (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK))
def test_links_and_devices_are_left_out(tmp_path, kind):
    left_out = uploads.unpack(make_zip((entry("a.md", kind | 0o777), "/etc/passwd")), tmp_path)
    assert files(tmp_path) == []
    assert left_out == [("a.md", "It is a link or a device. Put the file itself into the zip.")]


def test_entries_that_clash_are_left_out(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        stream = make_zip(("a", "first"), ("a/b.md", "x"), ("a", "second"))
    left_out = uploads.unpack(stream, tmp_path)
    assert (tmp_path / "a").read_text() == "first"
    reason = "Another file of the zip has its name."
    assert left_out == [("a/b.md", reason), ("a", reason)]


@pytest.mark.parametrize("content", (b"", b"no zip", b"PK\3\4" + bytes(100)))
def test_broken_zip_is_refused(tmp_path, content):
    with pytest.raises(errors.Invalid, match="no zip file, or it is damaged"):
        uploads.unpack(io.BytesIO(content), tmp_path)


def test_damaged_content_is_refused(tmp_path):
    content = bytearray(make_zip(("a.md", "Text " * 1000)).getvalue())
    content[40:60] = bytes(20)
    with pytest.raises(errors.Invalid, match="damaged"):
        uploads.unpack(io.BytesIO(content), tmp_path)


def test_zip_with_a_password_is_refused(tmp_path):
    content = bytearray(make_zip(("a.md", "Text")).getvalue())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + at] |= 1
    with pytest.raises(errors.Invalid, match="has a password"):
        uploads.unpack(io.BytesIO(content), tmp_path)


def test_bomb_is_refused_while_it_is_unpacked(tmp_path):
    with pytest.raises(errors.TooLong, match="too large to unpack"):
        uploads.unpack(make_zip(("a.md", bytes(30 * 1024 * 1024))), tmp_path)


def test_too_much_and_too_many_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(errors.TooLong):
        uploads.unpack(make_zip(("a", "x" * 6), ("b", "x" * 6)), tmp_path)
    monkeypatch.setattr(uploads, "MAX_FILES", 1)
    with pytest.raises(errors.TooLong):
        uploads.unpack(make_zip(("a", "x"), ("b", "x")), tmp_path)
    # A zip may lie about the number of its files.
    content = make_zip(("a", "x"), ("b", "x")).getvalue()
    lying = content.replace(b"\2\0\2\0", b"\1\0\1\0")
    assert lying != content
    with pytest.raises(errors.TooLong):
        uploads.unpack(io.BytesIO(lying), tmp_path)


def test_full_disk_is_unavailable(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads.Path, "mkdir", refuse)
    with pytest.raises(errors.Unavailable, match="No space left"):
        uploads.unpack(make_zip(("a", "x")), tmp_path)
