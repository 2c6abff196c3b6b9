import pytest

from flaskr.models import import_plans


@pytest.fixture(autouse=True)
def context(empty_app):
    with empty_app.app_context():
        yield


def wish(source, slug, *addresses, rank=0, former=""):
    return import_plans.Wish(source, slug, list(addresses), rank, former)


def test_no_slug_equals_an_old_address_of_another_post():
    plans = import_plans.plan(
        [wish("/one.md", "walk", "/posts/one"), wish("/two.md", "two", "/posts/two", "/walk")]
    )
    assert (plans["/one.md"].slug, plans["/two.md"].slug) == ("walk-2", "two")
    assert plans["/two.md"].addresses == ["/posts/two", "/walk"]


def test_main_address_comes_before_those_of_others():
    plans = import_plans.plan(
        [wish("/ar.md", "a", "/ar/a", "/a"), wish("/en.md", "a", "/a"), wish("/x.md", "search")]
    )
    assert [plan.slug for plan in plans.values()] == ["a-2", "a", "search-2"]
    assert [plan.addresses for plan in plans.values()] == [["/ar/a"], ["/a"], []]


def test_public_post_gets_the_slug_before_a_draft():
    plans = import_plans.plan([wish("/draft.md", "a", rank=2), wish("/post.md", "a")])
    assert [plan.slug for plan in plans.values()] == ["a-2", "a"]


def test_slugs_of_files_obey_the_rule_for_titles():
    plans = import_plans.plan(
        [
            wish("/ja.md", "日本語の題")._replace(language="ja"),
            wish("/zh.md", "你好")._replace(language="zh"),
            wish("/de.md", "Grüße"),
        ]
    )
    assert [plan.slug for plan in plans.values()] == ["日本語の題", "nihao", "grusse"]
