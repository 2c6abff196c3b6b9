"""Searching, as one types."""


def test_suggested_title_opens_its_post(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open("/search")
    field = reader.page.get_by_role("combobox", name="Search posts")
    field.press_sequentially("everyth")
    option = reader.page.locator("datalist option")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == "A post with everything"
    # As the browser does when one chooses from its list.
    field.fill("A post with everything")
    field.evaluate("field => field.dispatchEvent(new Event('input'))")
    reader.page.wait_for_url("**/a-post-with-everything")
