"""Rules that are in the files of a site around its posts, generator by generator."""

from datetime import UTC
from pathlib import Path

import pytest

from flaskr.importers import documents
from flaskr.importers import inheritance
from flaskr.importers import site_files
from flaskr.importers import sites


def post(fields="", body="Some text."):
    return f"---\ntitle: A post\ndate: 2020-01-02\n{fields}\n---\n{body}\n"


@pytest.fixture
def read_site(tmp_path):
    """Return the posts of a site by the paths of their files; those left out are missing."""

    def read_site(files):
        inheritance.read_section.cache_clear()
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        site = sites.detect(tmp_path, UTC)
        found = {}
        for name in site_files.find_posts(tmp_path, site).files:
            try:
                parsed = documents.parse(Path(name).read_bytes(), Path(name), site)
            except documents.NotAPost:
                continue
            found[str(Path(name).relative_to(tmp_path))] = parsed
        return found

    return read_site


def published(posts):
    return sorted(name for name, one in posts.items() if one["status"] == "published")


def first_address(posts, name):
    return posts[name]["addresses"][0]


HUGO = {
    "hugo.toml": """
        disableLanguages = ["fr"]
        [languages.it]
        disabled = true
        [languages.de.permalinks]
        posts = "/artikel/:slug/"
        [permalinks]
        posts = "/p/:slug/"
        [[cascade]]
        [cascade._target]
        path = "{/secret/**,/Hush/*}"
        [cascade.params]
        private = true
    """,
}


def test_hugo_hides_what_a_cascade_means(read_site):
    section = "---\ncascade:\n- target: {%s}\n  draft: true\n---\n"
    posts = read_site(
        {
            **HUGO,
            "content/secret/a.md": post("params: {toc: true}"),
            "content/hush/b/index.md": post(),
            "content/hush/c/d.md": post(),
            "content/walks/_index.md": section % "lang: de",
            "content/walks/x.md": post(),
            "content/walks/x.de.md": post(),
            "content/test/_index.md": section % "environment: staging",
            "content/test/x.md": post(),
            "content/live/_index.md": section % "environment: production",
            "content/live/x.md": post(),
        }
    )
    assert published(posts) == ["content/hush/c/d.md", "content/test/x.md", "content/walks/x.md"]


def test_languages_that_hugo_leaves_out_are_drafts(read_site):
    names = [f"content/posts/a.{code}.md" for code in ("en", "de", "fr", "it")]
    posts = read_site({**HUGO, **dict.fromkeys(names, post())})
    assert published(posts) == ["content/posts/a.de.md", "content/posts/a.en.md"]
    assert first_address(posts, "content/posts/a.de.md") == "/de/artikel/a-post"


def test_hugo_addresses_need_no_date_and_may_lose_accents(read_site):
    undated = "---\ntitle: Node.js & Café\n---\nText.\n"
    posts = read_site({"hugo.toml": HUGO["hugo.toml"], "content/posts/a.md": undated})
    assert first_address(posts, "content/posts/a.md") == "/p/node.js-café"
    posts = read_site({"hugo.toml": "removePathAccents = true", "content/posts/é.md": undated})
    assert first_address(posts, "content/posts/é.md") == "/posts/e"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    (
        ("/:06/:1/:2/:contentbasename/", "/20/1/2/a"),
        ("/:2006/:01/:02/:slug/", "/2020/01/02/a-post"),
        ("/:unheard/:slug/", "/posts/a"),
    ),
)
def test_hugo_addresses_may_have_dates_as_go_writes_them(read_site, pattern, expected):
    config = f"[permalinks.page]\nposts = '{pattern}'"
    posts = read_site({"hugo.toml": config, "content/posts/a.md": post()})
    assert first_address(posts, "content/posts/a.md") == expected


def test_posts_without_a_part_of_their_address_have_none_in_hexo(read_site):
    config = {"_config.yml": "permalink: p/:abbrlink/", "source/_posts/b.md": post("abbrlink: 4a")}
    posts = read_site({**config, "source/_posts/a.md": post()})
    assert [one["addresses"] for one in posts.values()] == [[], ["/p/4a"]]


def test_translations_and_folders_of_pages_have_addresses_in_jekyll(read_site):
    config = "languages: [en, ja]\ndefault_lang: en\npermalink: /:title/"
    files = {"_posts/2020-01-02-a.md": post("lang: ja"), "cv/index.md": post("layout: page")}
    posts = read_site({"_config.yml": config, **files})
    assert [one["addresses"] for one in posts.values()] == [["/a", "/ja/a"], ["/cv"]]


@pytest.mark.parametrize(
    ("config", "name", "tag"),
    (
        ("hugo.toml", "content/posts/a.md", '{{%% %s "pw" %%}}'),
        ("hugo.toml", "content/posts/a.md", "{{< %s pass=x >}}"),
        ("_config.yml", "_posts/2020-01-02-a.md", "{%% %s %%}"),
    ),
)
@pytest.mark.parametrize(
    "word", ("hugo-encryptor", "Encrypt", "password", "members-only", "private-note")
)
def test_posts_with_a_part_behind_a_password_are_drafts(read_site, config, name, tag, word):
    posts = read_site({config: "title='x'", name: post("", f"Open\n\n{tag % word}\nHidden\n")})
    assert posts[name]["status"] == "draft"
    assert word in posts[name]["reasons"][0]


@pytest.mark.parametrize("name", ("Secret", "DevOnly", "MembersContent", "PasswordProtected"))
def test_posts_with_a_component_for_some_people_are_drafts(read_site, name):
    body = f"Open\n\n<{name} of='me'>Hidden</{name}>"
    names = ("src/content/posts/a.mdx", "src/content/posts/b.md")
    posts = read_site({"astro.config.mjs": "", **dict.fromkeys(names, post("", body))})
    assert published(posts) == [names[1]]
    assert name in posts[names[0]]["reasons"][0]


def test_hugo_leaves_out_what_its_mounts_do(read_site):
    config = """
        [[module.mounts]]
        source = 'content'
        target = 'content'
        excludeFiles = ['Private/**', '*.tmp.md']
        [[module.mounts]]
        source = 'vault'
        target = 'content/notes'
        files = ['public/**', '! public/old/**']
    """
    names = "content/a.md content/Private/b.md content/c.tmp.md"
    names += " vault/d.md vault/public/e.md vault/public/old/f.md"
    posts = read_site({"hugo.toml": config, **dict.fromkeys(names.split(), post())})
    assert published(posts) == ["content/a.md", "vault/public/e.md"]
    assert len(posts) == 2


def test_themes_of_hugo_show_a_featured_picture(read_site):
    names = ("content/a/index.md", "content/b/index.md", "content/c.md")
    files = {"content/a/featured.PNG": "", "content/b/feature.txt": "", "content/feature.png": ""}
    posts = read_site({"hugo.toml": "", **files, **dict.fromkeys(names, post())})
    assert [one["cover"] for one in posts.values()] == ["featured.PNG", "", ""]


def test_hexo_may_have_its_posts_elsewhere_and_hide_some(read_site):
    config = "source_dir: src\nhide_posts: {enable: true, filter: nolist}"
    files = {"src/_posts/a.md": post(), "src/_posts/b.md": post("nolist: true")}
    posts = read_site({"_config.yml": config, **files})
    assert published(posts) == ["src/_posts/a.md"]
    assert first_address(posts, "src/_posts/a.md") == "/2020/01/02/a"


def test_posts_about_passwords_are_public(read_site):
    body = 'Use `{{< encrypt "pw" >}}`:\n\n```\n{{< encrypt >}}\n```\n\n{{ password }}'
    assert published(read_site({"hugo.toml": "", "content/a.md": post("", body)}))


def test_a_date_in_a_pattern_needs_a_date(read_site):
    config = '[permalinks]\nposts = "/:year/:slug/"'
    posts = read_site({"hugo.toml": config, "content/posts/a.md": "---\ntitle: A\n---\nText.\n"})
    assert posts["content/posts/a.md"]["addresses"] == ["/posts/a"]


def test_hexo_hides_locked_tags_and_folders_with_an_underscore(read_site):
    config = """
        skip_render: [_posts/raw.md, 'sub/*.md']
        encrypt:
          tags:
          - {name: Diary, password: x}
    """
    names = ("_posts/raw.md", "sub/a.md", "_old/a.md", "_posts/a.md")
    posts = read_site(
        {
            "_config.yml": config,
            **{f"source/{name}": post() for name in names},
            "source/_posts/locked.md": post("tags: [diary, walks]"),
        }
    )
    assert published(posts) == ["source/_posts/a.md"]
    assert "source/_posts/raw.md" not in posts
    assert "source/sub/a.md" not in posts


@pytest.mark.parametrize(
    ("fields", "expected"),
    (
        ("categories: [Life, Tech Stuff]", "/Life/Tech-Stuff/a"),
        ("categories: [[A, B], [C]]", "/C/a"),
        ("categories: Old", "/new/a"),
        ("", "/none/a"),
    ),
)
def test_hexo_addresses_have_the_last_category(read_site, fields, expected):
    config = "permalink: :category/:title/\ndefault_category: none\ncategory_map: {Old: new}\n"
    posts = read_site({"_config.yml": config, "source/_posts/a.md": post(fields)})
    assert first_address(posts, "source/_posts/a.md") == expected


def test_eleventy_leaves_out_what_its_files_and_its_script_ignore(read_site):
    script = "export default c => { c.ignores.add('src/ignored/**'); return {dir: {input: 'src'}} }"
    names = ("ignored/a.md", "notes/b.md", "notes/kept.md", "old/c.md", "d.md")
    posts = read_site(
        {
            "eleventy.config.js": script,
            ".gitignore": "# built\nsrc/notes/*\n!src/notes/kept.md\n",
            "src/.eleventyignore": "old\n",
            **{f"src/{name}": post() for name in names},
            "src/x/x.json": '{"eleventyComputed": {"permalink": false}}',
            "src/x/e.md": post(),
        }
    )
    assert sorted(posts) == ["src/d.md", "src/notes/kept.md", "src/x/e.md"]
    assert published(posts) == ["src/d.md", "src/notes/kept.md"]


def test_eleventy_may_not_use_the_ignored_files_of_git(read_site):
    script = "module.exports = c => { c.setUseGitIgnore(false) }"
    posts = read_site({".eleventy.js": script, ".gitignore": "a.md\n", "a.md": post()})
    assert published(posts) == ["a.md"]


PELICAN = {
    "pelicanconf.py": """
AUTHOR = u'Ada'
PATH = 'content'
ARTICLE_URL = '{category.slug}/{date:%Y}/{slug}/'
ARTICLE_EXCLUDES = ['drafts2', 'seiten']
PAGE_PATHS = ('seiten', 'extra')
IGNORE_FILES = ['skip-*']
FILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.*)'
"""
}


def test_pelican_finds_posts_and_pages_in_its_folders(read_site):
    names = ("a.md", "drafts2/b.md", "seiten/c.md", "skip-d.md")
    posts = read_site({**PELICAN, **{f"content/{name}": post() for name in names}})
    kinds = {name: one["kind"] for name, one in posts.items()}
    assert kinds == {"content/a.md": "post", "content/seiten/c.md": "page"}
    posts = read_site({"pelicanconf.py": "PATH='content'\nARTICLE_PATHS = ['seiten']\n"})
    assert list(posts) == ["content/seiten/c.md"]


@pytest.mark.parametrize(
    ("name", "header", "expected"),
    (
        (
            "a.md",
            "Title: C++ & Python's Café\nCategory: Big Things",
            "/big-things/2020/c-pythons-cafe",
        ),
        ("trips/a.md", "Title: A", "/trips/2020/a"),
        ("2020-03-04_by-name.md", "Title: A", "/misc/2020/by-name"),
        ("a.md", "Title: A\nSlug: Own", "/misc/2020/Own"),
    ),
)
def test_pelican_addresses_have_its_slugs_and_categories(read_site, name, header, expected):
    posts = read_site({**PELICAN, f"content/{name}": f"{header}\nDate: 2020-01-02\n\nText\n"})
    assert first_address(posts, f"content/{name}") == expected
    assert posts[f"content/{name}"]["authors"] == []


def test_folders_are_categories_in_jekyll_and_pelican(read_site):
    posts = read_site({"_config.yml": "", "trips/_posts/2020-01-02-a.md": post("tags: [sea]")})
    assert posts["trips/_posts/2020-01-02-a.md"]["tags"] == ["sea", "trips"]
    posts = read_site({**PELICAN, "content/trips/b.md": post(), "content/articles/c.md": post()})
    assert posts["content/trips/b.md"]["tags"] == ["trips"]
    assert posts["content/articles/c.md"]["tags"] == []


def test_zola_reads_braces_and_moments_in_names(read_site):
    posts = read_site(
        {
            "config.toml": 'base_url = "https://e.example"\nignored_content = ["*.{bak,tmp}.md"]',
            "content/a.bak.md": "+++\n+++\nText",
            "content/blog/2020-02-04T10:00:00Z-b.md": "+++\n+++\nText",
        }
    )
    (found,) = posts.values()
    assert (found["created"], found["addresses"]) == ("2020-02-04 00:00:00", ["/blog/b"])


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    (
        ("blog/2020-01-02-hello.md", "", "/news/2020/01/02/hello"),
        ("blog/2020/01/02/c.md", "", "/news/2020/01/02/c"),
        ("blog/a/index.md", "slug: /bee", "/news/bee"),
        ("blog/plain.md", "", "/news/plain"),
        ("docs/02-guide/01-x.md", "", "/docs/guide/x"),
        ("docs/02-guide/01-x.md", "slug: /top", "/docs/top"),
        ("docs/guide/x.md", "id: y", "/docs/guide/y"),
        ("src/pages/legal.md", "", "/legal"),
    ),
)
def test_docusaurus_addresses_follow_its_routes(read_site, name, fields, expected):
    config = "module.exports = {presets: [['x', {blog: {feed: {a: 1}, routeBasePath: 'news'}}]]}"
    posts = read_site({"docusaurus.config.js": config, name: post(fields)})
    assert first_address(posts, name) == expected


def test_astro_makes_ids_of_names(read_site):
    name = "src/content/blog/Big Trip/Day 1.5.md"
    posts = read_site({"astro.config.mjs": "", name: post()})
    assert first_address(posts, name) == "/blog/big-trip/day-15"


def test_jekyll_names_files_from_the_root_of_the_site(read_site):
    files = {
        "_config.yml": "exclude: [trips, '*.bak.md']",
        "trips/a.md": post(),
        "b.bak.md": post(),
    }
    posts = read_site({**files, "_posts/trips/2020-01-02-a.md": post()})
    assert list(posts) == ["_posts/trips/2020-01-02-a.md"]


@pytest.mark.parametrize(
    ("fields", "body"),
    (
        ("tags: [private]", "Text"),
        ("tags: Draft", "Text"),
        ("", "Text with #draft in it"),
        ("workflow: {draft: true}", "Text"),
        ("publicationState: draft", "Text"),
        ("permission: only me", "Text"),
        ("premium: yes", "Text"),
        ("deleted_at: 2020-01-01", "Text"),
    ),
)
def test_notes_may_say_by_tags_and_tables_that_they_are_private(read_site, fields, body):
    posts = read_site({"a.md": post(fields, body), "b.md": post("", "`#draft` and #drafting")})
    assert published(posts) == ["b.md"]


def test_posts_without_a_date_take_the_day_of_their_last_change(read_site):
    texts = ("lastmod: 2020-02-03", "updated: 2020-02-03 99:00", "posted_on: 2020-02-03")
    posts = read_site(
        {f"{number}.md": f"---\n{text}\n---\nText" for number, text in enumerate(texts)}
    )
    assert {one["created"] for one in posts.values()} == {"2020-02-03 00:00:00"}


def test_tags_in_one_text_may_be_parted_by_chinese_commas(read_site):
    posts = read_site({"a.md": post("tags: 山、川\uff0c海"), "b.md": post("tags: [null, a]")})
    assert [one["tags"] for one in posts.values()] == [["山", "川", "海"], ["a"]]


def test_docusaurus_reads_markdown_as_mdx(read_site):
    body = "import T from '@theme/T';\n\n:::tip\nText\n:::"
    posts = read_site({"docusaurus.config.js": "", "blog/a.md": post("", body)})
    assert posts["blog/a.md"]["body"] == "> [!TIP]\n> Text"


def test_widths_of_images_in_notes_are_left_out(read_site):
    posts = read_site({".obsidian/app.json": "", "a.md": post("", "![A cat|300](a.png)")})
    assert posts["a.md"]["body"] == "![A cat](a.png)"
