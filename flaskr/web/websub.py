"""Tell a WebSub hub about changed feeds, on a thread (https://www.w3.org/TR/websub/).

The first request of each process starts a thread. It compares the content version every few
seconds, and a lock lets one of several processes tell the hub.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask import current_app
from flask import url_for

from ..data_folder import locks
from ..models import websub
from ..page_cache.version import ContentVersion
from ..page_cache.version import VersionWatcher
from . import background
from . import frozen
from . import site_settings
from . import urls

CHECK_SECONDS = 10
# Many posts may change at once. Those who follow the feeds of other lists find the changes later.
MAX_FEEDS = 150
FORMATS = ("xml", "atom", "json")
# The view of the feeds of each kind of list, and the argument that names the list.
VIEWS = {
    "blog": ("feeds.newest", None),
    "tag": ("feeds.of_tag", "slug"),
    "series": ("feeds.of_series", "slug"),
    "user": ("feeds.of_author", "name"),
}


def hub() -> str:
    """Return the URL of the hub that feeds name, or ''."""
    # Without it, the blog does not know the addresses of its feeds outside of requests.
    if not current_app.config["SITE_URL"] or frozen.is_frozen():
        return ""
    return str(site_settings.get("WEBSUB_HUB"))


def init_app(app: Flask) -> None:
    """Start the thread with the first request if `SITE_URL` is set."""
    if not app.config["SITE_URL"] or app.testing:
        return
    background.start_with_first_request(app, "websub", _run)


def _run(app: Flask) -> None:  # pragma: no cover  # it never ends
    watcher = VersionWatcher(app.config["DATABASE"], use_wal_index=False)
    announced = None
    while True:
        time.sleep(CHECK_SECONDS)
        announced = check(app, watcher, announced)


def check(
    app: Flask, watcher: VersionWatcher, announced: ContentVersion | None
) -> ContentVersion | None:
    """Tell the hub about changes since a version, and return the one that it knows now."""
    version = watcher.current()
    if version == announced:
        return announced
    try:
        return version if announce(app) else announced
    except Exception:
        # The thread goes on: the database may be readable again later.
        app.logger.exception("The hub of the feeds could not be told about changes")
        return announced


def announce(app: Flask) -> bool:
    """Tell the hub about changed feeds. Return True if there is nothing left to tell it."""
    lock = Path(app.instance_path, locks.WEBSUB_LOCK)
    with app.test_request_context(), locks.hold(lock) as is_free:
        url = hub()
        if not url:
            return True
        if not is_free or websub.is_waiting(url):
            return False
        change = websub.find_change(url)
        return change is None or _announce(url, change)


def _announce(url: str, change: websub.Change) -> bool:
    # It needs TLS, which takes time to load.
    from . import fetching

    feeds = _feed_urls(change.lists)[:MAX_FEEDS]
    # The rest of the URL may contain a key.
    host = urlsplit(url).hostname
    try:
        statuses = [_ping(url, feed) for feed in feeds]
    except fetching.Unreachable as error:
        _log_failure(host, error.message, websub.record_failure(url, change.states, error.message))
        return False
    refusals = [status for status in statuses if not 200 <= status < 300]
    reason = f"It answered with status {refusals[0]}." if refusals else ""
    websub.record_success(url, change.states, reason)
    if reason:
        current_app.logger.error("The hub %s refused a changed feed: %s", host, reason)
    else:
        current_app.logger.info("Told the hub %s about %d changed feeds.", host, len(feeds))
    return True


def _feed_urls(lists: Iterable[websub.PostList]) -> list[str]:
    found = []
    for kind, name in lists:
        view, argument = VIEWS[kind]
        arguments: dict[str, Any] = {argument: name} if argument else {}
        found += [urls.make_absolute(url_for(view, kind=form, **arguments)) for form in FORMATS]
    return found


def _ping(url: str, feed: str) -> int:
    """Return the status of the hub's answer. Raises `Unreachable` if it should be asked later."""
    from . import fetching

    # The Recommendation leaves the names open: hubs know one or the other.
    fields = {"hub.mode": "publish", "hub.url": feed, "hub.topic": feed}
    status = fetching.send_form(url, fields)
    if status == 429 or status >= 500:
        raise fetching.Unreachable(f"It answered with status {status}.")
    return status


def _log_failure(host: str | None, reason: str, seconds: int) -> None:
    next_step = f"The next attempt is in {seconds // 60} minutes." if seconds else "Giving up."
    current_app.logger.warning("The hub %s failed: %s %s", host, reason, next_step)
