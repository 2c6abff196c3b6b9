"""Working with several posts at once."""

import pytest

IS_IN_VIEW = "(node) => node.getBoundingClientRect().bottom <= innerHeight"


@pytest.mark.parametrize("scripts", (True, False))
def test_actions_are_in_view_once_a_post_is_selected(full_blog, visitor, cookies_of_ada, scripts):
    ada = visitor(
        full_blog,
        storage_state=cookies_of_ada,
        java_script_enabled=scripts,
        viewport={"width": 1024, "height": 600},
    )
    ada.open("/posts")
    boxes = ada.page.get_by_role("main").get_by_role("checkbox")
    unpublish = ada.page.get_by_role("button", name="Unpublish")
    assert not unpublish.evaluate(IS_IN_VIEW)
    boxes.first.check()
    assert unpublish.evaluate(IS_IN_VIEW)
    ada.follow("Select all")
    ada.page.get_by_role("link", name="Select none").wait_for()
    assert all(box.is_checked() for box in boxes.all())
    # The keyboard goes on where it was.
    ada.page.keyboard.press("Tab")
    assert ada.page.get_by_role("link", name="Select none").evaluate(
        "(link) => link.matches(':focus')"
    )
    ada.follow("Select none")
    ada.page.get_by_role("link", name="Select all").wait_for()
    assert not any(box.is_checked() for box in boxes.all())
