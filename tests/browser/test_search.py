"""Suggestions in the search field."""


def test_suggested_title_opens_its_post(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open("/search")
    field = reader.page.get_by_role("combobox", name="Search posts")
    field.press_sequentially("everyth")
    option = reader.page.locator("datalist option")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == "A post with everything"
    # Browsers send this event when the user chooses from the list.
    field.fill("A post with everything")
    field.evaluate("field => field.dispatchEvent(new Event('input'))")
    reader.page.wait_for_url("**/a-post-with-everything")
