"""Sites of programs whose addresses are in scripts, like Eleventy and Docusaurus."""

from datetime import UTC
from pathlib import Path

import pytest

from flaskr.importers import documents
from flaskr.importers import site_files
from flaskr.importers import sites


def write(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")


def read(root, name):
    file = Path(root).resolve() / name
    return documents.parse(file.read_bytes(), file, sites.detect(root, UTC))


@pytest.mark.parametrize(
    ("value", "address"),
    (
        ("(data) => `/n/${data.page.fileSlug}/`", "/n/walk"),
        ("data => `/n/${data.title}/index.html`", "/n/A Walk"),
        ("(data) => { return `/${slugify(data.title)}/` }", "/a-walk"),
        ("(data) => `${data.page.date.toISOString().slice(0, 10)}_x/`", "/2024-03-02_x"),
        ("({page}) => `/${page.date.getFullYear()}/w/`", "/2024/w"),
        ("(data) => `/${data.draft ? 1 : 2}/`", "/posts/2024-03-02-walk"),
        ('"/q/{{ page.fileSlug }}/"', "/q/walk"),
    ),
)
def test_computed_permalinks_of_eleventy_are_read(tmp_path, value, address):
    script = f"module.exports = {{\n  eleventyComputed: {{\n    permalink: {value},\n  }}\n}};"
    write(
        tmp_path,
        {
            ".eleventy.js": "",
            "posts/posts.11tydata.js": script,
            "posts/2024-03-02-walk.md": "---\ntitle: A Walk\n---\nText",
        },
    )
    assert read(tmp_path, "posts/2024-03-02-walk.md")["addresses"][0] == address


def test_file_named_like_its_folder_is_the_index_in_eleventy(tmp_path):
    write(tmp_path, {".eleventy.js": "", "blog/fourth/fourth.md": "---\ntitle: F\n---\nText"})
    assert read(tmp_path, "blog/fourth/fourth.md")["addresses"] == ["/blog/fourth"]


@pytest.mark.parametrize(
    ("data", "tags"),
    (('["posts", "Garden"]', ["Garden", "Roses"]), ('"Garden"', ["Garden", "Roses"])),
)
def test_tags_of_a_folder_are_added_to_those_of_the_post_in_eleventy(tmp_path, data, tags):
    write(
        tmp_path,
        {
            ".eleventy.js": "",
            "notes/notes.11tydata.json": f'{{"tags": {data}}}',
            "notes/a.md": "---\ntags: [Roses]\n---\n# A\n\nText",
        },
    )
    assert read(tmp_path, "notes/a.md")["tags"] == tags


def test_author_in_a_data_file_is_read(tmp_path):
    data = 'export default {\n  title: "B",\n  author: { name: "Ada", url: "x" },\n}'
    write(tmp_path, {"eleventy.config.js": "", "_data/metadata.js": data})
    assert sites.detect(tmp_path, UTC).author() == "Ada"


def test_styles_for_the_head_are_left_out_in_eleventy(tmp_path):
    body = "{% css %}.x {}{% endcss %}A{% js %}"
    write(tmp_path, {".eleventy.js": "", "a.md": f"---\ntitle: A\n---\n{body}"})
    assert read(tmp_path, "a.md")["body"] == "A`{% js %}`"


@pytest.mark.parametrize(
    ("name", "address", "created"),
    (
        ("blog/2024/03-02-walk.md", "/blog/2024/03/02/walk", "2024-03-02 00:00:00"),
        ("blog/2024-03-02/walk.md", "/blog/2024/03/02/walk", "2024-03-02 00:00:00"),
        (
            "i18n/fr/docusaurus-plugin-content-blog/2024-03-02-walk.md",
            "/fr/blog/2024/03/02/walk",
            "2024-03-02 00:00:00",
        ),
    ),
)
def test_posts_of_docusaurus_have_dates_in_their_paths(tmp_path, name, address, created):
    write(tmp_path, {"docusaurus.config.ts": "", name: "# Walk\n\nText"})
    post = read(tmp_path, name)
    assert (post["addresses"], post["created"]) == ([address], created)
    assert post["language"] == ("fr" if name.startswith("i18n") else "")


@pytest.mark.parametrize(
    ("config", "name", "expected"),
    (
        ("docusaurus.config.js", "docs/start.md", ("page", "draft")),
        ("docusaurus.config.js", "blog/2024-03-02-docs.md", ("post", "published")),
        ("astro.config.mjs", "src/content/docs/start.md", ("page", "draft")),
        ("astro.config.mjs", "src/content/docs/blog/2024-03-02-a.md", ("post", "published")),
    ),
)
def test_documentation_becomes_pages_outside_the_menu(tmp_path, config, name, expected):
    write(tmp_path, {config: "", name: "# Start\n\nText"})
    post = read(tmp_path, name)
    assert (post["kind"], post["status"]) == expected
    assert ("documentation" in "".join(post["reasons"])) == (expected[1] == "draft")


def test_pages_of_docusaurus_are_pages_with_one_title(tmp_path):
    page = "---\ntitle: About\n---\n# About\n\nUs.\n\n{/* truncate */}\n\nMore"
    write(tmp_path, {"docusaurus.config.js": "", "src/pages/us.md": page})
    post = read(tmp_path, "src/pages/us.md")
    assert (post["kind"], post["addresses"], post["remarks"]) == ("page", ["/us"], [])
    assert post["body"] == "Us.\n\n<!--more-->\n\nMore"


def test_astro_has_posts_in_the_folders_of_its_collections(tmp_path):
    config = """
        glob({ base: './src/content/blog', pattern: '**/*.md' })
        glob({ pattern: '*.md', base: "notes/" })
        glob({ base: './authors', pattern: '*' }) glob({ base: './docs' })
        glob({ base: '../outside' }) glob({ base: './src' }) glob({ base: './gone' })
    """
    names = ("notes/a.md", "authors/ann.md", "docs/a.md", "src/content/blog/b.md")
    files = dict.fromkeys(names, "# A\n\nText")
    write(tmp_path, {"astro.config.mjs": "", "src/content.config.ts": config, **files})
    folders = [folder.relative_to(tmp_path) for folder in sites.detect(tmp_path, UTC).folders]
    assert list(map(str, folders)) == ["src/content", "notes", "authors", "docs"]
    assert read(tmp_path, "notes/a.md")["addresses"] == ["/notes/a"]
    assert [read(tmp_path, name)["status"] for name in names] == [
        "published",
        "draft",
        "draft",
        "published",
    ]


def test_gatsby_has_posts_below_the_folder_in_its_configuration(tmp_path):
    config = "[{ path: `${__dirname}/content/blog` }, { path: `src/images` }]"
    write(tmp_path, {"gatsby-config.js": config, "content/blog/a/index.md": "# A\n\nText"})
    assert read(tmp_path, "content/blog/a/index.md")["addresses"] == ["/a", "/blog/a"]


@pytest.mark.parametrize(
    ("name", "addresses"),
    (
        ("data/blog/a.mdx", ["/blog/a"]),
        ("_posts/a.md", ["/posts/a", "/blog/a", "/a"]),
        ("app/blog/posts/a.mdx", ["/blog/posts/a", "/blog/a"]),
        ("pages/posts/a.md", ["/posts/a"]),
        ("app/blog/a/page.mdx", ["/blog/a"]),
    ),
)
def test_the_usual_routes_of_next_are_known(tmp_path, name, addresses):
    write(tmp_path, {"next.config.mjs": "", name: "---\ndate: 2024-01-02\n---\n# A\n\nText"})
    assert read(tmp_path, name)["addresses"] == addresses


def test_fields_that_a_file_exports_are_read(tmp_path):
    head = "export const metadata = {\n  title: 'A',\n  draft: true,\n  og: { x: 'y' },\n}\n\n"
    names = ("app/blog/walk/page.mdx", "app/blog/b.mdx")
    write(tmp_path, {"next.config.js": "", names[0]: head + "Text", names[1]: "Text"})
    post = read(tmp_path, names[0])
    assert (post["title"], post["status"], post["body"]) == ("A", "draft", "Text")
    assert post["slug"] == "walk"
    assert read(tmp_path, names[1])["title"] == "B"


def test_people_of_next_are_no_public_posts(tmp_path):
    write(tmp_path, {"next.config.js": "", "data/authors/ann.mdx": "---\nname: Ann\n---\nBio"})
    assert read(tmp_path, "data/authors/ann.mdx")["status"] == "draft"


def test_vitepress_leaves_out_vue_and_includes_files(tmp_path):
    config = "export default { lang: 'de-DE', base: '/blog/' }"
    text = (
        "---\ntitle: A\n---\n# A\n\n<script setup>\nimport X from './X.vue'\n</script>\n\n"
        "<X />\n\n<!--@include: ./part.md-->\n\n<!--@include: ../../../x.md-->\n\n"
        "```html\n<script setup>\n</script>\n```\n"
    )
    files = {".vitepress/config.mts": config, "posts/a.md": text, "posts/part.md": "Part"}
    write(tmp_path, files)
    post = read(tmp_path, "posts/a.md")
    assert post["body"].split() == "Part ```html <script setup> </script> ```".split()
    assert "/blog/posts/a" in post["addresses"]
    assert sites.detect(tmp_path, UTC).language == "de-DE"


def test_vitepress_leaves_out_the_files_that_its_configuration_excludes(tmp_path):
    config = "export default {\n  srcDir: './src',\n  srcExclude: ['**/TODO.md', \"plans/**\"],\n}"
    names = ["src/a.md", "src/b/TODO.md", "src/plans/next.md"]
    write(tmp_path, {".vitepress/config.mts": config, **dict.fromkeys(names, "# A\n\nText")})
    found = site_files.find_posts(tmp_path, sites.detect(tmp_path, UTC))
    assert found.files == [str(tmp_path.resolve() / "src/a.md")]
    assert "/a" in read(tmp_path, "src/a.md")["addresses"]
