"""Import a whole site: read all files, plan slugs and addresses, bring files along, store posts.

Links can only be rewritten, and slugs given out, once all posts and their old addresses are known.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

from .. import db
from .. import errors
from .. import text
from ..importers import documents
from ..importers import inheritance
from ..importers import languages
from ..importers import link_index
from ..importers import links
from ..importers import locations
from ..importers import site_files
from ..importers import site_redirects
from ..importers import sites
from ..importers.documents import Document
from ..importers.link_index import Entry
from ..models import cover_images
from ..models import import_plans
from ..models import imports
from ..models import redirects
from ..models import search_index
from ..models import slugs
from ..models import tags
from ..models import users
from . import FILE_NAME
from . import exported_blogs
from . import linking
from . import reading
from .media_files import MediaFiles
from .options import Options as Options
from .options import Progress
from .reading import File
from .report import Report

FILES_PER_BATCH = 200


class _DryRun(Exception):
    """Rolls back the transaction of a dry run."""


def describe(site: sites.Site, path: Path) -> str:
    """Return a sentence that names the generator and the folders of posts."""
    place = path.resolve()
    folders = [folder for folder in site.folders if folder != place and not place.is_file()]
    shown = ", ".join(
        str(folder.relative_to(place)) if folder.is_relative_to(place) else str(folder)
        for folder in folders
    )
    article = "an" if site.name[0] in "AEIO" else "a"
    kind = "a folder of files" if site.generator == "folder" else f"{article} {site.name} site"
    where = f" Its posts are in {shown}." if shown else ""
    return f"This is {kind}.{where}"


def run(
    path: Path,
    zone: str,
    options: Options,
    progress: Progress,
    announce: Callable[[str], None] = lambda _: None,
    left_out: list[tuple[str, str]] | None = None,
) -> Report:
    """Import the posts of a site and return the report. Raises `Unavailable`.

    `announce` is called first, with the sentence of `describe`. `left_out` are files that were not
    unpacked, with reasons.
    """
    db.check_schema()
    with exported_blogs.open_export(path) as export:
        if export is not None:
            announce(exported_blogs.SENTENCE)
            max_upload = current_app.config["MAX_UPLOAD"]
            return exported_blogs.Import(export, options, max_upload, progress).run()
    # A server may import another site, or the same one after its files have changed.
    for cached in (sites.load_people, inheritance.read_section, languages.language_folders):
        cached.cache_clear()
    site = sites.detect(path, ZoneInfo(zone), permalink=options.permalink)
    announce(describe(site, path))
    work = _Run(path, site, options, progress)
    for name, reason in left_out or ():
        work.report.add("zip", name, reason)
    return work.run(zone)


class _Run:
    """The state of an import."""

    def __init__(self, path: Path, site: sites.Site, options: Options, progress: Progress) -> None:
        self.path = path
        self.site = site
        self.options = options
        self.progress = progress
        folder = path.resolve()
        self.report = Report(
            describe(site, path),
            folder if folder.is_dir() else folder.parent,
            options.dry_run,
        )
        self.importer = imports.Importer(
            author=options.author or site.author() or imports.default_author(),
            missing=imports.find_missing_files(),
            overwrite=options.overwrite,
        )
        self.report.author = self.importer.author
        self.media = MediaFiles(
            site,
            current_app.config["MAX_UPLOAD"],
            dry_run=options.dry_run,
            processes=options.processes,
        )

    def run(self, zone: str) -> Report:
        found = site_files.find_posts(self.path, self.site)
        self._report_files(found)
        self._add_hints(zone)
        db.tune_for_bulk_writes()
        files = self._read_all(found.files)
        posts = [file.post for file in files if file.post]
        _set_languages(posts, self.site)
        _hide_unchosen(posts, self.site)
        plans = self._plan(files)
        old = self._find_locations(posts, plans)
        self._link(files, plans, old)
        statuses = import_plans.known_statuses()
        for start in range(0, len(files), FILES_PER_BATCH):
            batch = files[start : start + FILES_PER_BATCH]
            with (
                suppress(_DryRun),
                db.transaction(),
                search_index.index_new_posts_together(),
            ):
                self._store(batch, plans, statuses)
                if self.options.dry_run:
                    raise _DryRun
            self.progress("Storing", start + len(batch), len(files))
        if not self.options.dry_run:
            redirects.add_imported(old.redirects)
        self._write_report()
        return self.report

    def _report_files(self, found: site_files.FoundFiles) -> None:
        self.report.files = len(found.files) + len(found.no_posts) + len(found.failed)
        for kind in ("no_posts", "failed", "folders"):
            for name, reason in getattr(found, kind):
                self.report.add(kind, name, reason)

    def _add_hints(self, zone: str) -> None:
        if self.site.zone_name and self.site.zone_name != zone:
            self.report.hints.append(
                f"The site's time zone is {self.site.zone_name}, and this blog's is {zone}."
                f" To use the site's, set Time zone to {self.site.zone_name} in Settings."
            )

    def _read_all(self, names: list[str]) -> list[File]:
        files = []
        for file in reading.read_all(names, self.site, self.options.processes):
            files.append(file)
            self.progress("Reading", len(files), len(names))
        return files

    def _plan(self, files: list[File]) -> dict[str, import_plans.Plan]:
        """Plan slugs and addresses, for public posts in the site's main language first."""
        main = self.site.language
        posts = [file.post for file in files if file.post]
        wishes = [
            import_plans.Wish(
                file.name,
                file.post["slug"],
                documents.list_addresses(file.post),
                2 * (file.post["status"] == "draft") + (file.post["language"] not in ("", main)),
                self.importer.find_former(file.fingerprint, file.post),
                file.post["language"],
                self.importer.is_skipped(file.name, file.fingerprint),
            )
            for file in files
            if file.post
        ]
        plans = import_plans.plan(wishes)
        for post in posts:
            lost = {*post["addresses"][:1], *post["aliases"]} - set(plans[post["source"]].addresses)
            self.report.add(
                "addresses",
                post["source"],
                *(f"The old URL {path} leads to another post." for path in sorted(lost)),
            )
        return plans

    def _find_locations(
        self, posts: list[Document], plans: dict[str, import_plans.Plan]
    ) -> locations.Locations:
        public = [post for post in posts if post["status"] != "draft"]
        return locations.Locations(
            self.site,
            [one for plan in plans.values() for one in (f"/{plan.slug}", *plan.addresses)],
            _predict_tag_slugs(public),
            _predict_user_names(public, self.importer.author),
            {name: slugs.from_title(name) for post in public if (name := post["series"])},
        )

    def _link(
        self,
        files: list[File],
        plans: dict[str, import_plans.Plan],
        old: locations.Locations,
    ) -> None:
        """Rewrite the links of all posts that are stored, and bring their files along."""
        posts = [file.post for file in files if file.post]
        index = link_index.Index(self.site, _list_entries(posts, plans), old)
        old.redirects.update(site_redirects.add(index, self.site))
        _set_translations(posts, self.site)
        works = [
            (file.post, linking.Linking(index, file.post))
            for file in files
            if file.post and not self.importer.is_skipped(file.name, file.fingerprint)
        ]
        wanted: dict[str, str] = {}
        for post, work in works:
            work.rewrite(post)
            for path, alt in work.files.items():
                wanted[path] = wanted.get(path) or alt
        self.media.add_all(wanted, lambda done, total: self.progress("Files", done, total))
        self.report.media = len(self.media.urls)
        self.report.pictures = self.media.pictures
        for post, work in works:
            self._finish(post, work)

    def _finish(self, post: Document, work: linking.Linking) -> None:
        post["body"] = work.finish(post["body"], self.media.urls)
        post["cover"] = self._cover(post, work)
        self.report.add("links", post["source"], *work.missing_links)
        problems = {path: self.media.problems.get(path) for path in work.files}
        self.report.add(
            "files",
            post["source"],
            *work.missing_files,
            *(
                f"The {_noun(path)} “{Path(path).name}” was not imported. {problem}"
                for path, problem in problems.items()
                if problem
            ),
        )

    def _cover(self, post: Document, work: linking.Linking) -> str:
        if work.cover:
            return self.media.urls.get(work.cover, "")
        try:
            return cover_images.normalize_url(post["cover"])
        except errors.Invalid:
            work.missing_files.append(f"The cover “{post['cover'][:200]}” was not found.")
            return ""

    def _store(
        self, files: list[File], plans: dict[str, import_plans.Plan], statuses: dict[str, str]
    ) -> None:
        for file in files:
            try:
                if file.error:
                    raise file.error
                outcome = self._store_file(file, plans)
            except (documents.NotAPost, errors.Invalid) as error:
                self.report.add_error(file.name, error)
            else:
                post = file.post
                assert post is not None, "it has no error"  # noqa: S101  # for the types
                state = "draft" if post["status"] == "draft" else post["kind"]
                is_kept = outcome.post is None
                known = statuses.get(file.name, state) if is_kept else state
                self.report.add_outcome(file.name, outcome, known)

    def _store_file(self, file: File, plans: dict[str, import_plans.Plan]) -> imports.Outcome:
        skipped = self.importer.skip(file.name, file.fingerprint)
        if skipped:
            return skipped
        plan = plans[file.name]
        post = {**(file.post or {}), "slug": plan.slug, "addresses": plan.addresses}
        return self.importer.store(file.name, file.fingerprint, post)

    def _write_report(self) -> None:
        if not self.options.dry_run:
            with suppress(OSError):
                (db.folder() / FILE_NAME).write_text(
                    self.report.markdown(), encoding="utf-8", errors="replace"
                )


def _noun(path: str) -> str:
    return "image" if links.IMAGE_NAME.search(Path(path).name) else "file"


def _list_entries(posts: list[Document], plans: dict[str, import_plans.Plan]) -> list[Entry]:
    """Return the posts to which links may lead: new ones and those that were imported before."""
    entries = [
        Entry(
            post["source"],
            f"/{plans[post['source']].slug}",
            [*post["addresses"], *post["aliases"]],
            post["title"],
            post["body"],
        )
        for post in posts
    ]
    new = {entry.source for entry in entries}
    known = import_plans.known_slugs().items()
    return entries + [Entry(path, f"/{slug}", []) for path, slug in known if path not in new]


def _set_languages(posts: list[Document], site: sites.Site) -> None:
    """Give posts without a language that of the site, if others have another one."""
    main = languages.parse(site.language)
    if any(post["language"] not in ("", main) for post in posts):
        for post in posts:
            post["language"] = post["language"] or main


def _hide_unchosen(posts: list[Document], site: sites.Site) -> None:
    """Make drafts of the notes in a vault that are not marked for publication, if some are."""
    is_vault = site.generator in ("obsidian", "quartz")
    if not is_vault or not any(post["chosen"] for post in posts):
        return
    for post in posts:
        if not post["chosen"] and post["status"] == "published":
            post["status"] = "draft"
            post["reasons"] = ["It is a draft now, because other notes are marked “publish: true”."]


def _set_translations(posts: list[Document], site: sites.Site) -> None:
    """Keep the key of posts that share it with one in another language."""
    found: dict[str, set[str]] = {}
    for post in posts:
        found.setdefault(post["translation"], set()).add(post["language"])
    for post in posts:
        is_translated = len(found[post["translation"]]) > 1
        name = f"{site.root}\n{post['translation']}"
        key = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:32]
        post["translation"] = key if is_translated else ""


def _predict_tag_slugs(posts: list[Document]) -> dict[str, str]:
    names = {name for post in posts for name in post["tags"]}
    known = tags.slugs_by_key()
    return {
        name: known.get(text.casefold_key(name)) or slugs.from_title(name) for name in sorted(names)
    }


def _predict_user_names(posts: list[Document], default: str) -> dict[str, str]:
    names = {default, *(name for post in posts for name in post["authors"])}
    known = ((name, users.find_by_name(name)) for name in sorted(names))
    return {name: str(user["username"]) if user else name for name, user in known}
