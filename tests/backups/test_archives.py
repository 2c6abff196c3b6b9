import io
import json
import tarfile

import pytest

from flaskr import errors
from flaskr.backups import archives

from .conftest import INFO
from .conftest import forge
from .conftest import seal


@pytest.fixture
def small():
    """A backup with one short file."""
    writer = archives.Writer()
    parts = [
        *writer.add_json(archives.INFO, INFO),
        *writer.add("media/a.png", 4, [b"ab", b"cd"]),
        *writer.add_json(archives.MANIFEST, {"members": writer.members}),
        *writer.finish(),
    ]
    return b"".join(parts)


def read(backup):
    """Return the files of a backup."""
    found = {}

    def receive(name, chunks):
        found[name] = b"".join(chunks)

    archives.read(io.BytesIO(backup), receive)
    return found


def test_files_are_read_again(small):
    assert read(small) == {"media/a.png": b"abcd"}


def test_tar_reads_a_backup(small):
    with tarfile.open(fileobj=io.BytesIO(small), mode="r:gz") as archive:
        assert archive.getnames() == ["backup.json", "media/a.png", "manifest.json"]


def test_every_flipped_byte_is_detected(small):
    for place in range(len(small)):
        flipped = bytearray(small)
        flipped[place] ^= 0x20
        with pytest.raises(errors.Invalid):
            read(bytes(flipped))


def test_every_truncation_is_detected(small):
    for length in range(len(small)):
        with pytest.raises(errors.Invalid):
            read(small[:length])


def test_bytes_after_the_end_are_detected(small):
    with pytest.raises(errors.Invalid, match="its end is missing"):
        read(small + b"\0")


def make_member(name, kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "kind",
    (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
     tarfile.DIRTYPE),
)  # fmt: skip
def test_links_and_devices_are_refused(kind):
    backup = forge({}, members=[make_member("media/a.png", kind, "../../secret")])
    with pytest.raises(errors.Invalid, match="is a link, a folder or a device"):
        read(backup.getvalue())


@pytest.mark.parametrize(
    "name",
    (
        "/etc/passwd", "../a", "media/../../a", "media/./a", "media//a", "media/",
        "templates\\..\\a", "static/a\nb", "other/a", "flaskr.sqlite-wal",
        "media/a.png",
    ),
)  # fmt: skip
def test_unsafe_and_repeated_names_are_refused(name):
    backup = forge({"media/a.png": b"x"}, members=[make_member(name)])
    with pytest.raises(errors.Invalid, match="must not contain"):
        read(backup.getvalue())


def test_file_after_the_manifest_is_refused():
    backup = forge({}, members=[make_member("manifest.json"), make_member("media/a.png")])
    with pytest.raises(errors.Invalid):
        read(backup.getvalue())


def test_newer_format_is_refused_with_the_version_to_install():
    backup = forge({}, info={**INFO, "format": 2, "flaskr": "9.1"})
    with pytest.raises(errors.Conflict, match=r"made by flaskr 9\.1, in a newer format"):
        read(backup.getvalue())


@pytest.mark.parametrize("found", (None, 0, "1"))
def test_unknown_format_is_refused(found):
    with pytest.raises(errors.Invalid, match="not a backup of flaskr"):
        read(forge({}, info={**INFO, "format": found}).getvalue())


def test_other_archives_are_refused():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(make_member("media/a.png"))
    for backup in (seal(out.getvalue()).getvalue(), b"", b"PK\3\4" * 100):
        with pytest.raises(errors.Invalid):
            read(backup)


def test_files_that_the_manifest_does_not_list_are_refused():
    backup = forge({"media/a.png": b"x"}, manifest={"members": {}})
    with pytest.raises(errors.Invalid, match="not the ones that it lists"):
        read(backup.getvalue())


def test_manifest_has_to_be_short_and_an_object(monkeypatch):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = make_member("backup.json")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"[]"))
    with pytest.raises(errors.Invalid, match="cannot be read"):
        read(seal(out.getvalue()).getvalue())
    monkeypatch.setattr(archives, "MAX_JSON_BYTES", 1)
    with pytest.raises(errors.Invalid, match="too large"):
        read(seal(out.getvalue()).getvalue())


def test_content_of_another_size_is_refused():
    writer = archives.Writer()
    with pytest.raises(errors.Unavailable, match="changed while it was being backed up"):
        list(writer.add("config.py", 3, [b"ab"]))


def test_intact_backup_is_recognized(small, tmp_path):
    file = tmp_path / "a.tar.gz"
    file.write_bytes(small)
    assert archives.is_intact(file)
    file.write_bytes(b"x" + small[1:])
    assert archives.read_digest(file)
    assert not archives.is_intact(file)
    file.write_bytes(b"x" * 100)
    assert not archives.is_intact(file)
    assert archives.read_digest(tmp_path / "missing") is None


def test_large_file_and_padding_are_read():
    tar = io.BytesIO()
    large = bytes(3 * archives.CHUNK_BYTES)
    backup = forge({"media/a.png": large})
    assert read(backup.getvalue()) == {"media/a.png": large}
    with tarfile.open(fileobj=io.BytesIO(backup.getvalue()), mode="r:gz") as archive:
        archive.getnames()
        tar.write(archive.fileobj.seek(0) or archive.fileobj.read())
    padded = seal(tar.getvalue() + bytes(2 * archives.CHUNK_BYTES))
    assert read(padded.getvalue()) == {"media/a.png": large}


def header(kind, size=0):
    member = tarfile.TarInfo("media/a.png")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("headers", "message"),
    (
        (header(tarfile.XHDTYPE, 2**31), "the name of a file is too long"),
        (header(tarfile.GNUTYPE_LONGNAME, 2**31), "the name of a file is too long"),
        (header(tarfile.GNUTYPE_SPARSE), "a file has holes"),
        (header(tarfile.XHDTYPE) * 2000, "recursion"),
    ),
)
def test_headers_that_unpack_without_limit_are_refused(headers, message):
    info = json.dumps(INFO).encode()
    start = make_member("backup.json")
    start.size = len(info)
    with pytest.raises(errors.Invalid, match=message):
        read(seal(start.tobuf() + info.ljust(512, b"\0") + headers).getvalue())


def test_number_of_files_is_limited(monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(errors.Invalid, match="too many files"):
        read(forge({"media/a.png": b"", "media/b.png": b""}).getvalue())


@pytest.mark.parametrize("manifest", ({"counts": {"posts": "1"}}, {"missing": [1]}, {"counts": []}))
def test_manifest_has_the_right_types(manifest):
    with pytest.raises(errors.Invalid, match="not the ones that it lists"):
        read(forge({}, manifest=manifest).getvalue())


def test_version_that_would_control_the_terminal_is_refused():
    with pytest.raises(errors.Invalid, match="not a backup"):
        read(forge({}, info={"format": 2, "flaskr": "\x1b[2J"}).getvalue())
