import io
import zipfile

import pytest

from flaskr.models import media_storage
from flaskr.models import media_stores
from flaskr.site_export import zips
from flaskr.site_export.entries import Entry
from flaskr.site_export.entries import Medium


@pytest.mark.usefixtures("context")
def test_zip_is_written_in_pieces_that_are_small():
    media_storage.store().write("big.png", b"x" * 5_000_000)
    big = Medium("big.png", 5_000_000)
    pieces = list(
        zips.stream([Entry("a.png", big), Entry("b.md", b"text"), Entry("c", iter([b"1"]))])
    )
    assert max(map(len, pieces)) < 2 * media_stores.CHUNK_BYTES
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    assert [archive.read(name)[:4] for name in archive.namelist()] == [b"xxxx", b"text", b"1"]
