"""Errors and attacks: what the user sees, and that no text is lost."""

import http.client

import pytest

from .conftest import text_of

FOREIGN_FORM = """
<form id="form" action="{address}/create" method="post">
  <input name="title" value="Buy this"><input name="body" value="now">
</form>
<script>document.getElementById("form").submit()</script>
"""


def log_in_first(person):
    person.page.goto(person.server.setup_link())
    person.register()
    assert person.sees("Your posts will appear here.")
    return person


@pytest.fixture
def ada(new_blog, visitor):
    """The owner of a new blog, logged in."""
    return log_in_first(visitor(new_blog))


@pytest.mark.parametrize("name", ("127.0.0.1", "blog.test"))
def test_form_on_another_site_changes_nothing(serve, visitor, other_site, name):
    ada = log_in_first(visitor(serve(name)))
    ada.page.goto(other_site(FOREIGN_FORM.format(address=ada.server.address)))
    assert ada.sees("This form was sent from another site, so nothing was changed.")
    ada.problems.clear()
    ada.open()
    assert ada.sees("Your posts will appear here.")


def test_other_site_cannot_log_the_user_out(ada, other_site):
    page = other_site(f'<a href="{ada.server.address}/auth/logout">Look here</a>')
    ada.page.goto(page)
    ada.page.get_by_role("link").click()
    assert ada.sees("Do you want to log out?")
    ada.problems.clear()
    ada.follow("Stay logged in")
    assert ada.sees("Your posts will appear here.")


@pytest.mark.parametrize("name", ("127.0.0.1", "blog.test"))
def test_image_in_a_post_cannot_log_the_user_out(serve, visitor, name):
    ada = log_in_first(visitor(serve(name)))
    ada.write("A picture", "![](/auth/logout)")
    with ada.page.expect_response("**/auth/logout"):
        ada.open()
    ada.problems.clear()
    ada.open()
    assert ada.page.get_by_role("link", name="New", exact=True).count() == 1
    ada.follow("Log Out")
    assert ada.page.get_by_role("link", name="Log In", exact=True).count() == 1


def test_text_that_is_too_long_is_refused_and_stays_in_the_browser(serve, visitor):
    # With the default limit Chromium would need too long to lay out the text.
    ada = log_in_first(visitor(serve(MAX_CONTENT_LENGTH="200000")))
    ada.follow("New")
    text = ("A long line. " * 100 + "\n") * 200
    ada.fill(Title="Too long", Body=text)
    ada.press("Publish")
    assert ada.sees("This is too much to send at once.")
    # A page from the back-forward cache is not loaded again.
    ada.page.go_back(wait_until="commit")
    assert ada.page.get_by_label("Title", exact=True).input_value() == "Too long"
    assert text_of(ada.page) == text


def test_twenty_megabytes_get_an_error_page(new_blog):
    connection = http.client.HTTPConnection("127.0.0.1", new_blog.port, timeout=30)
    connection.request("POST", "/auth/login", body=b"username=" + b"a" * 20_000_000)
    answer = connection.getresponse()
    assert (answer.status, b"This is too much" in answer.read()) == (413, True)
    connection.request("GET", "/hello")
    assert connection.getresponse().read() == b"Hello, World!"
    connection.close()


def test_saved_post_survives_a_killed_server(ada):
    ada.write("Saved before")
    assert ada.sees("Saved before")
    ada.page.wait_for_load_state()
    ada.server.kill()
    ada.server.start()
    ada.open()
    assert ada.sees("Saved before")
    ada.write("Saved after", "The session lives on.")
    assert ada.sees("The session lives on.")


def test_error_is_shown_next_to_its_field_and_the_input_is_kept(ada):
    ada.follow("New")
    ada.page.locator("form.write").evaluate("form => form.noValidate = true")
    ada.fill(Body="A body without a title.")
    ada.press("Publish")
    assert ada.page.get_by_role("alert").inner_text() == "Title is required."
    title = ada.page.get_by_label("Title", exact=True)
    assert title.get_attribute("aria-describedby") == "title-error"
    assert title.evaluate("field => field === document.activeElement")
    assert text_of(ada.page) == "A body without a title."


def test_incorrect_password_is_reported_next_to_its_field(ada):
    ada.follow("Log Out")
    ada.follow("Log In")
    ada.fill(Username="ada", Password="wrong battery")
    ada.press("Log In")
    assert ada.page.get_by_role("alert").inner_text() == "Incorrect password."
    assert ada.page.get_by_label("Username").input_value() == "ada"
