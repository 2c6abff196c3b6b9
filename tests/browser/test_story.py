"""The story of a new blog: registering, writing, editing and deleting."""

import pytest

LOOKS = [
    pytest.param({"color_scheme": scheme, "viewport": {"width": width, "height": 800}}, id=name)
    for scheme, width, name in (("light", 1280, "wide"), ("dark", 320, "narrow"))
]
WITHOUT_SCRIPTS = pytest.param({"java_script_enabled": False}, id="no-javascript")


@pytest.fixture(params=[*LOOKS, WITHOUT_SCRIPTS])
def ada(request, new_blog, visitor):
    """The first user of a new blog, who takes screenshots."""
    person = visitor(new_blog, **request.param)
    look = request.node.callspec.id
    person.capture = lambda name: person.screenshot(f"story-{look}-{name}")
    return person


def begin(ada):
    ada.open()
    assert ada.sees("Welcome. Create your account. You'll be the owner of this blog.")
    ada.capture("1-empty")
    ada.page.goto(ada.server.setup_link())
    ada.capture("2-register")
    ada.register()
    assert ada.sees("Your account is ready. You're the owner of this blog.")
    assert ada.sees("Your posts will appear here.")


def test_post_is_written_read_changed_and_deleted(ada):
    begin(ada)
    ada.follow("Write your first post")
    ada.capture("3-editor")
    ada.follow("New")
    write_and_read(ada)
    change(ada)
    delete(ada)
    ada.log_out()
    assert ada.sees("There are no posts yet.")
    assert ada.page.get_by_role("link", name="New", exact=True).count() == 0


def write_and_read(ada):
    ada.write("Hello, World")
    assert ada.sees("Published.")
    assert ada.page.url.endswith("/hello-world")
    ada.capture("4-post")
    main = ada.page.get_by_role("main")
    assert main.get_by_role("heading", name="How it came").count() == 1
    assert main.get_by_role("listitem").filter(has_text="one thing").count() == 1
    assert "return f" in main.locator("pre").inner_text()
    assert "by ada on " in main.inner_text()


def change(ada):
    ada.follow("Edit")
    assert ada.page.get_by_label("Title", exact=True).input_value() == "Hello, World"
    ada.fill(Title="Hello again", Body="Shorter.")
    ada.capture("5-edit")
    ada.press("Update")
    assert ada.sees("Updated.")
    assert ada.sees("Shorter.")
    ada.open()
    assert ada.sees("Hello again")
    ada.capture("6-front")


def delete(ada):
    ada.follow("Edit “Hello again”")
    ada.open_menu()
    ada.capture("7-delete")
    ada.press("Delete")
    assert ada.sees("Your posts will appear here.")
    ada.press("Undo")
    assert ada.sees("Restored.")
    ada.open()
    ada.follow("Edit “Hello again”")
    ada.open_menu()
    ada.press("Delete")


def test_draft_is_saved_published_and_unpublished(ada):
    begin(ada)
    ada.follow("New")
    ada.fill(Title="Not yet", Body="Begun.")
    ada.open_menu()
    ada.press("Save draft")
    ada.page.wait_for_url("**/update")
    assert ada.sees("Saved ")
    ada.capture("8-draft")
    ada.follow("Posts")
    ada.follow("Drafts 1")
    ada.capture("9-desk")
    ada.follow("Not yet")
    ada.press("Publish")
    assert ada.sees("Published.")
    ada.follow("Edit")
    ada.open_menu()
    ada.press("Unpublish")
    assert ada.sees("Unpublished. It is a draft again.")


def test_changes_from_two_tabs_are_merged(ada):
    begin(ada)
    ada.write("Shared", "one\n\ntwo\n\nthree")
    ada.follow("Edit")
    first = ada.page
    second = first.context.new_page()
    second.goto(first.url)
    ada.fill(Body="ONE\n\ntwo\n\nthree")
    ada.press("Update")
    ada.page = second
    ada.fill(Body="one\n\ntwo\n\nTHREE")
    ada.press("Update")
    assert ada.sees("ONE")
    assert ada.sees("THREE")


def test_blog_works_over_plain_http_on_a_local_name(serve, visitor):
    ada = visitor(serve("blog.test"))
    ada.open("/auth/register")
    assert ada.sees("This blog has no owner yet.")
    ada.page.goto(ada.server.setup_link())
    ada.register()
    ada.write("From the sofa", "Over plain HTTP.")
    assert ada.sees("Over plain HTTP.")
    assert ada.page.evaluate("isSecureContext") is False
    ada.log_out()
    assert ada.sees("From the sofa")
