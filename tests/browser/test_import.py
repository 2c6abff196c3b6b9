"""The page on which the owner imports another blog."""

import io
import json
import time
import zipfile

import pytest

from .test_pages import LOOKS

LONG = "a-very-long-folder-name/" * 6


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.md", content)
    return {"name": "blog.zip", "mimeType": "application/zip", "buffer": stream.getvalue()}


def write_state(blog, **values):
    folder = blog.instance / "import"
    folder.mkdir(exist_ok=True)
    partial = folder / "state.part"
    partial.write_text(json.dumps({**values, "updated": time.time()}))
    partial.replace(folder / "state.json")


@pytest.fixture
def ada(full_blog, visitor, cookies_of_ada):
    write_state(full_blog)
    ada = visitor(full_blog, reduced_motion="reduce", storage_state=cookies_of_ada)
    ada.open("/settings/import")
    return ada


def assert_fine(ada, axe, name):
    for scheme, width in LOOKS:
        ada.page.emulate_media(color_scheme=scheme)
        ada.page.set_viewport_size({"width": width, "height": 800})
        ada.screenshot(f"import-{scheme}-{width}-{name}")
        assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert axe(ada.page) == [], (scheme, width)


def test_zip_is_tried_and_its_report_shown(ada, axe):
    assert_fine(ada, axe, "form")
    field = ada.page.get_by_label("Zip of the other blog")
    field.set_input_files({"name": "x.zip", "mimeType": "application/zip", "buffer": b"no zip"})
    ada.press("Import")
    assert ada.sees("This is no zip file")
    assert_fine(ada, axe, "error")
    texts = {f"{LONG}a": "---\ntitle: مرحبا بالعالم\n---\n![x](gone.png)", "../b": "B"}
    texts |= {
        f"draft-{number}": "---\ndraft: true\ntitle: 下書き\n---\nText" for number in range(30)
    }
    field.set_input_files(zipped(**texts))
    ada.press("Import")
    assert ada.sees("Would import 31 posts")
    assert ada.sees("and 10 more")
    assert_fine(ada, axe, "report")


def test_progress_is_shown_until_the_report(full_blog, ada, axe):
    write_state(full_blog, running=True, phase="Files", done=3, total=9)
    ada.open("/settings/import")
    assert ada.sees("Files: 3 of 9")
    assert_fine(ada, axe, "progress")
    write_state(full_blog, running=True, phase="Storing", done=4, total=9)
    assert ada.sees("Storing: 4 of 9")
    write_state(full_blog, error="The import failed. The log says why.")
    assert ada.sees("The import failed.")
    assert ada.page.get_by_role("button", name="Import").is_visible()
