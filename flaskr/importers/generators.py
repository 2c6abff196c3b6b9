"""The programs that make sites, their names, configurations, and folders of posts."""

ASTRO_FOLDERS = ("src/content", "src/data", "src/pages", "src/blog", "src/posts", "content")
SCRIPT_SUFFIXES = ("js", "mjs", "cjs", "ts", "mts")
SITE_DATA = tuple(
    f"{name}.{end}"
    for name in ("site", "metadata", "meta", "siteMetadata")
    for end in ("json", "js", "mjs", "cjs")
)
ELEVENTY_CONFIGS = (".eleventy.js", ".eleventy.cjs", ".eleventy.mjs")
# The settings that name the folder of the posts.
SOURCE_FIELDS = {"eleventy": "input", "vitepress": "srcdir"}
# Programs told by the name of their configuration, with the folders of their posts.
BY_CONFIG = {
    "astro": ("astro.config", ASTRO_FOLDERS),
    "gatsby": ("gatsby-config", ("content", "src/pages", "src/content", "blog")),
    "docusaurus": ("docusaurus.config", ("blog", "docs", "src/pages")),
    "vitepress": (".vitepress/config", (".",)),
    "quartz": ("quartz.config", ("content",)),
    "eleventy": ("eleventy.config", (".",)),
    "next": (
        "next.config",
        (
            "data",
            "content",
            "src/content",
            "_posts",
            "posts",
            "blog",
            "src/posts",
            "pages",
            "src/pages",
            "app",
            "src/app",
        ),
    ),
}
NAMES = {
    "jekyll": "Jekyll",
    "hugo": "Hugo",
    "zola": "Zola",
    "hexo": "Hexo",
    "eleventy": "Eleventy",
    "astro": "Astro",
    "pelican": "Pelican",
    "gatsby": "Gatsby",
    "docusaurus": "Docusaurus",
    "vitepress": "VitePress",
    "quartz": "Quartz",
    "next": "Next.js",
    "obsidian": "Obsidian",
    "folder": "no generator",
}
