"""Searching, as one types."""


def test_titles_are_offered_while_one_types_and_lead_to_their_posts(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open("/search")
    field = reader.page.get_by_role("combobox", name="Words to look for")
    field.press_sequentially("everyth")
    option = reader.page.locator("datalist option")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == "A post with everything"
    # As the browser does when one chooses from its list.
    field.fill("A post with everything")
    field.evaluate("field => field.dispatchEvent(new Event('input'))")
    reader.page.wait_for_url("**/a-post-with-everything")
