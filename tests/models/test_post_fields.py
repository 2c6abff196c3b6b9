import pytest

from flaskr.models import post_fields
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM

pytestmark = pytest.mark.usefixtures("context")


def test_defaults_are_those_of_the_table():
    # The fixture's post was written by plain SQL.
    stored = posts.get_stored(1)
    columns = post_fields.select_columns(post_fields.DEFAULTS)
    assert {name: stored[name] for name in columns} == columns


@pytest.mark.parametrize("write", (posts.create, posts.update))
def test_unknown_field_is_an_error(write):
    target = {"author_id": 1} if write == posts.create else {"post_id": 1, "user": SYSTEM}
    with pytest.raises(KeyError, match="colour"):
        write(**target, title="A", body="", colour="red")
