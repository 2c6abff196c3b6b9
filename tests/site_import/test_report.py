import pytest

from flaskr.errors import Invalid
from flaskr.importers.documents import NotAPost
from flaskr.models.imports import Outcome
from flaskr.site_import.report import Report


def build(*outcomes, dry_run=False):
    report = Report(dry_run=dry_run)
    report.files = len(outcomes)
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Exception):
            report.add_error(str(number), outcome)
        else:
            report.add_outcome(str(number), Outcome(outcome[0]), outcome[1])
    return report


@pytest.mark.parametrize(
    ("outcomes", "summary", "outcome"),
    (
        ((), "0 files.", "Imported 0 posts."),
        ([("imported", "post")], "1 file: 1 post.", "Imported 1 post."),
        (
            [("unchanged", "post"), ("unchanged", "page"), NotAPost("a list")],
            "3 files: 1 post, 1 page, 1 that is no post.",
            "Left 2 posts unchanged.",
        ),
        (
            [(kind, "draft") for kind in ("imported", "updated", "unchanged", "edited")]
            + [Invalid("No.")] * 2
            + [NotAPost("a list")] * 2,
            "8 files: 4 drafts, 2 refused, 2 that are no posts.",
            "Imported 1 post, updated 1, left 1 unchanged and skipped 1.",
        ),
    ),
)
def test_summary_names_only_what_there_is(outcomes, summary, outcome):
    report = build(*outcomes)
    assert (report.summary(), report.outcome()) == (summary, outcome)


def test_outcome_of_a_dry_run_is_what_would_happen():
    report = build(("updated", "post"), ("unchanged", "post"), dry_run=True)
    assert report.outcome() == "Would update 1 post and leave 1 unchanged. Nothing was stored."
