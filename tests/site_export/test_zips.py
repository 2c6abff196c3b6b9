import io
import zipfile

from flaskr.site_export import zips
from flaskr.site_export.entries import Entry


def test_zip_is_written_in_pieces_that_are_small(tmp_path):
    big = tmp_path / "big.png"
    big.write_bytes(b"x" * 3_000_000)
    pieces = list(
        zips.stream([Entry("a.png", big), Entry("b.md", b"text"), Entry("c", iter([b"1"]))])
    )
    assert max(map(len, pieces)) < 2 * zips.CHUNK_BYTES
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    assert [archive.read(name)[:4] for name in archive.namelist()] == [b"xxxx", b"text", b"1"]
