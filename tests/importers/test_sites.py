import os
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from flaskr.importers import languages
from flaskr.importers import site_configs
from flaskr.importers import site_files
from flaskr.importers import sites


def make(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("Text")


def found(root, path=None):
    listed = site_files.find_posts(path or root, sites.detect(path or root, UTC))
    return (
        [os.path.relpath(name, root) for name in listed.files],
        {
            os.path.relpath(name, root): reason
            for name, reason in [*listed.no_posts, *listed.folders]
        },
        {os.path.relpath(name, root): reason for name, reason in listed.failed},
    )


def test_files_are_found_in_a_stable_order(tmp_path):
    make(tmp_path, "b.md", "a/z.markdown", "B.MD", "a.md", "c.txt", "d.md/e.md")
    assert found(tmp_path)[0] == ["B.MD", "a/z.markdown", "a.md", "b.md", "d.md/e.md"]


def test_in_jekyll_only_posts_and_drafts_are_posts(tmp_path):
    make(
        tmp_path, "_config.yml", "about.md", "_posts/2015-06-25-a.md", "film/_posts/2015-01-01-b.md"
    )
    make(tmp_path, "_drafts/c.md", "_site/d.md", "_talks/e.md", ".git/f.md", ".g.md")
    files, no_posts, failed = found(tmp_path)
    assert files == [
        "_drafts/c.md",
        "_posts/2015-06-25-a.md",
        "about.md",
        "film/_posts/2015-01-01-b.md",
    ]
    assert no_posts == {
        ".git": "a hidden folder",
        ".g.md": "a hidden file",
        "_site": "a folder of the site generator",
        "_talks": "a folder of the site generator",
    }
    assert not failed


def test_only_the_content_folder_of_a_hugo_site_is_searched(tmp_path):
    make(tmp_path, "hugo.toml", "README.md", "content/blog/a.md", "archetypes/default.md")
    make(tmp_path, "themes/x/exampleSite/content/b.md", "node_modules/c.md")
    files, no_posts, _ = found(tmp_path)
    assert files == ["content/blog/a.md"]
    assert sorted(no_posts) == ["README.md", "archetypes", "node_modules", "themes"]


@pytest.mark.parametrize("path", (".", "content", "content/blog", "content/blog/a.md"))
def test_the_site_is_the_same_from_any_folder_in_it(tmp_path, path):
    make(tmp_path, "config.toml", "content/blog/a.md")
    site = sites.detect(tmp_path / path, UTC)
    assert (site.generator, site.root, site.content) == ("hugo", tmp_path, (tmp_path / "content",))


def test_content_is_found_in_the_given_folder_without_a_configuration(tmp_path):
    make(tmp_path, "content/a.md", "notes/b.md")
    assert sites.detect(tmp_path, UTC).content == (tmp_path / "content",)
    assert sites.detect(tmp_path / "notes", UTC).content == (tmp_path / "notes",)
    assert sites.detect(tmp_path / "content" / "a.md", UTC).content == (tmp_path / "content",)


def test_jekyll_is_recognized_by_its_posts_folder(tmp_path):
    make(tmp_path, "_posts/2015-06-25-a.md")
    site = sites.detect(tmp_path / "_posts", UTC)
    assert (site.generator, site.root) == ("jekyll", tmp_path)
    assert found(tmp_path, tmp_path / "_posts")[0] == ["_posts/2015-06-25-a.md"]


@pytest.mark.parametrize(
    ("config", "expected"),
    (
        ("baseurl: /blog", ("/blog", UTC)),
        ("timezone: Europe/Berlin", ("", ZoneInfo("Europe/Berlin"))),
        ("timezone: Mars/Olympus", ("", UTC)),
        ("timezone: ../x", ("", UTC)),
        ("a: b: c\nbaseurl: /notes/", ("/notes", UTC)),
        ("- a", ("", UTC)),
    ),
)
def test_the_jekyll_configuration_is_used(tmp_path, config, expected):
    (tmp_path / "_config.yml").write_text(config)
    site = sites.detect(tmp_path, UTC)
    assert (site.base, site.zone) == expected


def test_the_author_of_a_jekyll_site_is_read(tmp_path):
    (tmp_path / "_config.yml").write_text("author: {name: Ada}")
    assert sites.detect(tmp_path, UTC).author() == "Ada"


@pytest.mark.parametrize(
    ("files", "generator", "content"),
    (
        ({".eleventy.js": ""}, "eleventy", "."),
        ({"gatsby-config.js": "", "content/x": ""}, "gatsby", "content"),
        ({"docusaurus.config.js": "", "blog/x": ""}, "docusaurus", "blog"),
        ({"_config.yml": "a: b", "source/x": "", "package.json": "hexo"}, "hexo", "source"),
        ({"_config.yml": "a: b", "source/x": "", "package.json": "other"}, "jekyll", "."),
        ({"_config.yml": "source: src", "src/x": ""}, "jekyll", "src"),
        ({"config.yaml": "baseURL: x", "content/x": ""}, "hugo", "content"),
        ({"config/_default/hugo.toml": "a = 1", "config/_default/params.toml": "b = 1",
          "content/x": ""}, "hugo", "content"),
        ({"hugo.toml": "contentDir = 'posts'", "posts/x": "", "content/x": ""}, "hugo", "posts"),
        ({"config.toml": "base_url = 'x'", "content/x": ""}, "zola", "content"),
        ({"content/_index.md": "+++\nsort_by = 'date'\n+++"}, "zola", "content"),
        ({"content/_index.md": "Text", "content/a/_index.md": "Text"}, "folder", "content"),
        ({"pelicanconf.py": "PATH = 'src'", "src/x": ""}, "pelican", "src"),
        ({"web/astro.config.mjs": "", "web/src/content/x": ""}, "astro", "web/src/content"),
        ({"a/b/.obsidian/x": ""}, "obsidian", "a/b"),
        ({"posts/_drafts/a.md": "", "posts/b/index.md": ""}, "folder", "."),
        ({"_config.yml": "collections_dir: c", "c/_posts/a.md": ""}, "jekyll", "c"),
        ({"eleventy.config.js": 'return { dir: { input: "./in" } }', "in/a.md": ""}, "eleventy",
         "in"),
        ({".eleventy.js": 'return { dir: { input: "../in" } }'}, "eleventy", "."),
        ({"hugo.toml": "[languages.de]\ncontentDir = 'de'", "de/a.md": "", "content/a.md": ""},
         "hugo", "de"),
        ({"hugo.toml": "[[module.mounts]]\nsource = 'notes'\ntarget = 'content'",
          "notes/a.md": ""}, "hugo", "notes"),
    ),
)  # fmt: skip
def test_the_generator_is_recognized(tmp_path, files, generator, content):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    site = sites.detect(tmp_path, UTC)
    assert (site.generator, site.folders[0]) == (generator, tmp_path / content)


def test_the_source_folder_of_a_hexo_site_is_recognized(tmp_path):
    make(tmp_path, "source/_posts/a.md")
    (tmp_path / "_config.yml").write_text("url: https://walks.example")
    assert sites.detect(tmp_path / "source", UTC).generator == "hexo"


def test_the_parts_of_a_configuration_are_joined(tmp_path):
    make(tmp_path, "content/a.md")
    (tmp_path / "config" / "_default").mkdir(parents=True)
    (tmp_path / "config" / "_default" / "hugo.toml").write_text("baseURL = 'https://a.b/c/'")
    (tmp_path / "config" / "_default" / "params.toml").write_text("author = 'Ada'")
    site = sites.detect(tmp_path, UTC)
    assert (site.host, site.base, site.author()) == ("a.b", "/c", "Ada")


@pytest.mark.parametrize(
    ("files", "left_out"),
    (
        ({"_config.yml": "exclude: [out.md, notes/*, 'x/']"}, ["notes/a.md", "out.md"]),
        ({"config.toml": "base_url = 'x'\nignored_content = ['*.out.md', 'notes/**']",
          "content/a.out.md": ""}, ["a.out.md", "notes"]),
        ({"hugo.toml": "ignoreFiles = ['/notes/', '\\.out\\.md$']", "content/a.out.md": ""},
         ["a.out.md", "notes/a.md"]),
        ({".eleventyignore": "# comment\nout.md\nnotes/\n", "eleventy.config.js": ""},
         ["notes", "out.md"]),
    ),
)  # fmt: skip
def test_files_that_the_configuration_leaves_out_are_no_posts(tmp_path, files, left_out):
    is_inside = any(name.startswith("content/") for name in files)
    top = tmp_path / "content" if is_inside else tmp_path
    make(top, "out.md", "notes/a.md", "good.md")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    names, no_posts, _ = found(tmp_path)
    prefix = "content/" if is_inside else ""
    assert f"{prefix}good.md" in names
    assert sorted(no_posts) == [f"{prefix}{name}" for name in left_out]


def test_the_list_of_authors_is_read(tmp_path):
    (tmp_path / "_data").mkdir()
    (tmp_path / "_config.yml").write_text("a: b")
    (tmp_path / "_data" / "authors.yml").write_text("ada: {name: Ada L.}\nbob: {}\nx: y")
    assert sites.detect(tmp_path, UTC).known_authors() == {"ada": "Ada L."}


def test_configurations_that_cannot_be_read_are_none(tmp_path, monkeypatch):
    file = tmp_path / "a.toml"
    file.write_text("= broken")
    assert site_configs.load_file(file) == {}
    assert site_configs.urlsplit_or_none("http://[") is None
    assert site_configs.read_start(tmp_path / "gone") == ""

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(site_configs.Path, "open", refuse)
    assert site_configs.read_start(file) == ""


def test_a_folder_that_cannot_be_listed_is_empty(tmp_path):
    assert sites.detect(tmp_path / "gone" / "a.md", UTC).generator == "folder"


def test_links_are_followed_once(tmp_path):
    make(tmp_path, "a/b.md", "c.md")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b.md").symlink_to(tmp_path / "a" / "b.md")
    (tmp_path / "0.md").symlink_to(tmp_path / "c.md")
    (tmp_path / "d.md").symlink_to(tmp_path / "gone.md")
    (tmp_path / "e.md").symlink_to(tmp_path / "e.md")
    assert found(tmp_path)[0] == ["c.md", "a/b.md", "gone.md", "e.md"]


def test_a_path_to_a_file_is_always_included(tmp_path):
    make(tmp_path, "a.txt", "b.md")
    assert found(tmp_path, tmp_path / "a.txt")[0] == ["a.txt"]


def test_an_unreadable_folder_does_not_stop_the_search(tmp_path, monkeypatch):
    make(tmp_path, "a/b.md", "c.md")
    scandir = os.scandir

    def refuse(folder):
        if str(folder).endswith("a"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    files, _, failed = found(tmp_path)
    assert files == ["c.md"]
    assert failed == {"a": "The folder cannot be read: Permission denied."}


def test_a_name_that_is_not_utf8_is_reported(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("Text")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    files, _, failed = found(tmp_path)
    assert not files
    assert failed == {"caf�.md": "Its name is not UTF-8; rename it."}


def test_a_link_to_itself_is_not_a_folder(tmp_path):
    make(tmp_path, "a.md")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert found(tmp_path)[0] == ["a.md"]


def test_folders_of_languages_are_read(tmp_path):
    (tmp_path / "hugo.toml").write_text(
        "[languages.en]\n[languages.fr]\ncontentDir = 'content'\n"
        "[languages.de]\ncontentDir = 'content-de'"
    )
    make(tmp_path, "content/a.md", "content-de/a.md")
    site = sites.detect(tmp_path, UTC)
    assert site.folders == (tmp_path / "content-de", tmp_path / "content")
    assert site.folder_languages == ((tmp_path / "content-de", "de"),)
    file = tmp_path / "content-de" / "a.md"
    found = languages.find({}, site.relative(file), site, file.parent)
    assert (found.code, found.is_in_path) == ("de", True)


def test_settings_on_one_line_of_a_script_are_read(tmp_path):
    (tmp_path / "astro.config.mjs").write_text(
        'export default { site: "https://a.example", base: "/my", '
        'i18n: { defaultLocale: "de", locales: ["de", "fr"] } }'
    )
    site = sites.detect(tmp_path, UTC)
    assert (site.host, site.base, site.language) == ("a.example", "/my", "de")
    assert site.languages == ("de", "fr")


def test_files_that_are_not_read_are_told(tmp_path):
    make(tmp_path, "eleventy.config.js", "a.njk", "b.txt", "[slug].astro", "index.astro")
    (tmp_path / "c.txt").write_text("---\ntitle: A\n---\nText")
    assert found(tmp_path)[1] == {
        "a.njk": "not read, because Nunjucks cannot be imported",
        "c.txt": "not read, because plain text cannot be imported",
    }


@pytest.mark.parametrize("folder", ("static", "public"))
def test_folders_that_are_served_as_they_are_hold_no_posts(tmp_path, folder):
    make(tmp_path, "a.md", f"{folder}/b.md")
    site = sites.detect(tmp_path, UTC)
    assert site_files.find_posts(tmp_path, site).folders == [
        (str(tmp_path / folder), "files that are served as they are")
    ]
