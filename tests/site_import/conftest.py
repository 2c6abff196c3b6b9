import shutil
from pathlib import Path

import pytest

from flaskr.db import get_db
from flaskr.site_import import importing

SITES = Path(__file__).with_name("sites")
# Pictures and other files beside the posts; they are drawn, so that no binary file is stored.
FILES = {
    "hugo": (
        "content/posts/first/map.png",
        "content/posts/first/old map.png",
        "content/posts/first/cover.png",
        "content/posts/first/slides.pdf",
        "static/img/logo.png",
    ),
    "jekyll": ("assets/pic.png",),
    "hexo": ("source/_posts/first-walk/map.png",),
    "eleventy": ("img/logo.png",),
    "astro": ("src/assets/hero.png",),
    "pelican": ("content/images/map.png",),
    "folder": ("files/Pasted image 1.png", "a(1).png"),
}


class Imported:
    """A site that was imported, with the report and the posts by the names of their files."""

    def __init__(self, app, root, **options):
        self.app = app
        self.root = root
        self.phases = []
        self.report = importing.run(
            root,
            "UTC",
            importing.Options(**options),
            lambda phase, done, total: self.phases.append((phase, done, total)),
        )

    def posts(self):
        rows = get_db().execute(
            "SELECT post.*, path FROM post JOIN import_source ON post_id = post.id ORDER BY path"
        )
        return {str(Path(row["path"]).relative_to(self.root)): row for row in rows}

    def states(self):
        return {
            name: "draft" if post["status"] == "draft" else post["kind"]
            for name, post in self.posts().items()
        }

    def body(self, name):
        return self.posts()[name]["body"]

    def findings(self, kind):
        return [finding.message for finding in self.report.findings[kind]]

    def no_posts(self):
        found = self.report.findings["no_posts"]
        return sorted(str(Path(finding.name).relative_to(self.root)) for finding in found)

    def follow(self, url):
        """Return where an old address leads."""
        response = self.app.test_client().get(url)
        return response.location if response.status_code == 301 else response.status_code


@pytest.fixture
def copy_site(tmp_path, draw):
    """Copy a site of the tests to a folder of its own, with its files."""

    def copy_site(name):
        root = tmp_path / name
        shutil.copytree(SITES / name, root)
        for number, file in enumerate(FILES.get(name, ()), 1):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            content = draw(size=(8 + number, 9)) if file.endswith("png") else b"%PDF-1.7"
            (root / file).write_bytes(content)
        return root

    return copy_site


@pytest.fixture
def import_site(empty_app, copy_site):
    """Import a site of the tests."""
    with empty_app.app_context():
        yield lambda name, **options: Imported(empty_app, copy_site(name), **options)
