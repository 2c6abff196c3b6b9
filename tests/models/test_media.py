import os
import sqlite3

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.db import transaction
from flaskr.models import autosaves
from flaskr.models import cards
from flaskr.models import media
from flaskr.models import media_folder
from flaskr.models import media_storage
from flaskr.models import media_uses
from flaskr.models import posts
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import other_types
from ..databases import refuse

MOST = 25 * 1024 * 1024
PDF = b"%PDF-1.7 "


pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def folder(instance_path):
    return instance_path / "media"


def add(content=PDF, name="a.pdf", user_id=1, **values):
    return media.add(content, name=name, user_id=user_id, max_bytes=MOST, **values)


def post(body, **values):
    return posts.create(author_id=1, title="About", body=body, **values)


def rows():
    return get_db().execute("SELECT count(*) FROM media").fetchone()[0]


def uses(medium, user=None):
    return media_uses.find([medium], user)[medium["id"]]


def test_image_is_stored_with_its_properties(draw, folder):
    medium = add(draw("JPEG", (900, 600)), "sea.jpg", alt=" The  sea ")
    assert (medium["type"], medium["width"], medium["height"]) == ("image/jpeg", 900, 600)
    assert (medium["original_name"], medium["alt"]) == ("sea.jpg", "The sea")
    assert (medium["username"], medium["size"]) == ("test", len(folder_files(folder)[0]))
    assert sorted(os.listdir(folder)) == sorted(
        [medium["name"], *(f"{medium['hash']}-{width}.webp" for width in (480, 800, 900))]
    )


def folder_files(folder):
    return [file.read_bytes() for file in folder.glob("*.jpg")]


def test_identical_files_are_stored_once(draw, folder):
    first = add(draw(), "one.png")
    again = add(draw(), "two.png", alt="Teal")
    assert (again["id"], again["original_name"], again["alt"]) == (first["id"], "one.png", "Teal")
    assert add(draw(), alt="Other")["alt"] == "Teal"


def test_uploading_a_file_again_sets_alt_text_only_for_its_editors(draw):
    add(draw(), "one.png")
    assert add(draw(), "two.png", user_id=2, alt="Mine")["alt"] == ""
    assert add(draw(), "two.png", user_id=None, alt="Nobody's")["alt"] == ""
    users.set_role("other", "owner")
    assert add(draw(), "two.png", user_id=2, alt="The owner's")["alt"] == "The owner's"
    assert rows() == 1


def test_images_that_differ_only_in_metadata_are_stored_once(draw):
    assert add(draw("GIF", comment=b"one"))["id"] == add(draw("GIF", comment=b"two"))["id"]


def test_missing_file_is_reported_and_restored_by_an_upload(draw, folder):
    medium = add(draw())
    (folder / medium["name"]).unlink()
    assert media.find_missing([medium]) == {medium["id"]}
    assert add(draw())["id"] == medium["id"]
    assert media.find_missing([medium]) == set()


@pytest.mark.parametrize(
    ("name", "kept"),
    (
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\sea.jpg", "sea.jpg"),
        ("a\0b.png", "ab.png"),
        ("<script>.png", "<script>.png"),
        ("gnp\u202egpj.exe", "gnpgpj.exe"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("x" * 300, "x" * 200),
        ("a." + "x" * 300, "a." + "x" * 198),
        ("..", "file"),
        ("", "file"),
        (" \n.jpg ", "jpg"),
        ("half \ud83d.png", "half .png"),
    ),
)
def test_hostile_file_names_are_cleaned(name, kept, folder):
    medium = add(name=name)
    assert medium["original_name"] == kept
    assert os.listdir(folder) == [medium["name"]]


@pytest.mark.parametrize("content", (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"))
def test_refused_upload_leaves_nothing_behind(content, folder):
    with pytest.raises(errors.Invalid):
        add(content)
    assert rows() == 0
    assert not folder.exists()


def test_overlong_alt_text_is_refused():
    with pytest.raises(errors.TooLong, match="at most 1000 characters") as refusal:
        add(alt="x" * 1001)
    assert refusal.value.field == "alt"


def test_full_disk_leaves_nothing_behind(monkeypatch, draw, folder):
    def write(file, content):
        file.write_bytes(content[:10])
        if file.parent.joinpath(file).exists() and len(os.listdir(folder)) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(media_folder, "_write", write)
    with pytest.raises(errors.Unavailable, match="The disk is full"):
        add(draw("JPEG", (900, 600)))
    assert os.listdir(folder) == []
    assert rows() == 0


def test_failed_insert_leaves_no_file_behind(folder):
    refuse("INSERT", "media")
    with pytest.raises(sqlite3.IntegrityError, match="no room"):
        add()
    assert os.listdir(folder) == []


def test_failed_upload_keeps_existing_files(folder):
    medium = add()
    refuse("UPDATE", "media")
    with pytest.raises(sqlite3.IntegrityError, match="no room"):
        add(alt="New words")
    assert os.listdir(folder) == [medium["name"]]


def test_unwritable_media_folder_is_reported(folder):
    folder.write_text("a file is in the way")
    with pytest.raises(errors.Unavailable, match="The media folder cannot be written"):
        add()


@pytest.mark.parametrize("stop", ("insert", "delete"))
def test_files_of_a_killed_process_are_tidied_up(draw, folder, monkeypatch, stop):
    def die(*args):
        raise SystemExit

    kept = add()
    doomed = add(draw("JPEG", (900, 600))) if stop == "delete" else None
    monkeypatch.setattr(media_folder, "_remove", lambda files: None)
    if doomed:
        media.delete(doomed["id"], SYSTEM)
    else:
        monkeypatch.setattr(media, "_insert", die)
        with pytest.raises(SystemExit):
            add(draw("JPEG", (900, 600)))
    monkeypatch.undo()
    (folder / "mine.txt").touch()
    (folder / "[*].part").touch()
    assert len(os.listdir(folder)) > 6
    media.tidy_up()
    assert sorted(os.listdir(folder)) == sorted([kept["name"], "mine.txt"])


def test_file_whose_row_was_stored_is_kept(folder):
    medium = add()
    (folder / f"{medium['hash']}.{'0' * 16}.part").touch()
    media.tidy_up()
    assert os.listdir(folder) == [medium["name"]]


def test_files_of_an_upload_that_goes_on_are_kept(folder):
    with media_storage.changing("0" * 32):
        assert media.leftovers() == []
        media.tidy_up()
        assert len(os.listdir(folder)) == 1
    assert os.listdir(folder) == []


def test_alt_text_can_be_changed_and_searched(draw):
    medium = add(draw(), "DSC_001.png")
    media.set_alt(medium["id"], "Ein  Straßencafé", SYSTEM)
    assert media.get(medium["name"])["alt"] == "Ein Straßencafé"
    for search in ("STRASSEN dsc", "café", ""):
        assert len(media.newest(search=search).media) == 1
    assert media.newest(search="cafe%").media == []


def test_search_takes_wildcards_of_sql_for_what_they_are(draw):
    add(draw(), "50%_off!.png")
    assert len(media.newest(search="0%_o off!").media) == 1
    assert [media.newest(search=search).media for search in ("5%f", "5_%", "!%")] == [[], [], []]


def test_unknown_file_is_not_found(draw):
    medium = add(draw(size=(900, 600)))
    assert media.get(f"{medium['hash']}.png")["id"] == medium["id"]
    for name in (f"{medium['hash']}.jpg", f"{medium['hash']}-99.webp", "x", "../flaskr.sqlite"):
        with pytest.raises(errors.NotFound):
            media.get(name)
    for rule in (media.delete, lambda media_id, user: media.set_alt(media_id, "x", user)):
        with pytest.raises(errors.NotFound):
            rule(99, SYSTEM)


def test_library_is_paginated_by_position():
    with transaction():
        for number in range(media.PER_PAGE * 2 + 1):
            add(PDF + str(number).encode())
    first = media.newest()
    second = media.newest(before=str(first.older))
    last = media.newest(before=str(second.older))
    assert [len(page.media) for page in (first, second, last)] == [24, 24, 1]
    assert (first.newer, last.older) == (None, None)
    back = media.newest(after=str(last.newer))
    assert [one["id"] for one in back.media] == [one["id"] for one in second.media]
    assert media.newest(after=str(back.newer)).newer is None
    assert media.newest(before="1") == media.Page([], None, None)
    for wrong in ("x", "-1", "9" * 30):
        with pytest.raises(errors.NotFound):
            media.newest(before=wrong)


@pytest.mark.parametrize(
    "body",
    (
        "![](/media/%s.pdf)",
        '<a href="https://blog.example/media/%s.pdf">x</a> \\ "',
        "a\n\n[b]: /media/%s-480.webp",
    ),
)
def test_post_that_contains_the_url_uses_the_file(body):
    medium = add()
    post(body % medium["hash"])
    assert [title for _, title in uses(medium).posts] == ["About"]
    assert media.newest(unused=True).media == []


def test_uses_follow_changes_of_posts():
    medium, other = add(), add(PDF + b"other")
    post_id = post(f"/media/{medium['name']} /media/{other['name']} /media/{medium['name']}")
    assert uses(medium).total == uses(other).total == 1
    posts.update(post_id, SYSTEM, title="About", body=f"/media/{other['name']}")
    assert uses(medium) == media_uses.Uses(0, [], in_old_revision=True)
    assert uses(other).total == 1
    assert media.newest(unused=True).media == []
    with transaction() as db:
        db.execute("DELETE FROM post WHERE id = ?", (post_id,))
    assert [one["id"] for one in media.newest(unused=True).media] == [other["id"], medium["id"]]


def test_the_picture_of_a_card_is_used():
    medium, other = add(), add(PDF + b"other")
    url = f"/media/{medium['name']}"
    cards.store("https://a.example/", title="a", site="b", image=url, user=SYSTEM)
    assert uses(medium) == media_uses.Uses(0, [], in_card=True)
    assert [one["id"] for one in media.newest(unused=True).media] == [other["id"]]


@pytest.mark.parametrize("name", ("sea.pdf", "été 海.pdf"))
@pytest.mark.parametrize("place", ("post", "trash", "autosave"))
def test_files_that_are_shown_by_their_name_are_used(name, place):
    medium, other = add(name=name), add(PDF + b"other", "other.pdf")
    body = f"a\n![[folder/{name}|300]] [[other.pdf]]"
    if place == "autosave":
        autosaves.save(1, autosaves.new_key(), {"title": "A", "body": body})
    else:
        post_id = post(body)
    if place == "trash":
        trash.put(post_id, SYSTEM)
    assert uses(medium) == media_uses.Uses(0, [], by_name=True)
    assert uses(other) == media_uses.Uses(0, [])
    assert [one["id"] for one in media.newest(unused=True).media] == [other["id"]]


def test_files_stay_in_use_while_their_post_is_in_the_trash():
    medium = add()
    post_id = post(f"/media/{medium['name']}")
    trash.put(post_id, SYSTEM)
    assert uses(medium) == media_uses.Uses(1, [])
    assert media.newest(unused=True).media == []
    trash.restore(post_id, users.find(1))
    assert uses(medium).posts[0][1] == "About"
    trash.put(post_id, SYSTEM)
    with transaction() as db:
        db.execute("DELETE FROM trash")
    assert uses(medium).total == 0


@other_types
def test_posts_written_by_plain_sql_use_media():
    medium = add()
    address = f"/media/{medium['name']}"
    for body in (address, address.encode() + b"\xff", "/media/", 7, None):
        get_db().execute(
            "INSERT INTO post (title, body, author_id) VALUES ('SQL', coalesce(?, ''), 1)", (body,)
        )
    assert uses(medium, users.find(1)).total == 2


def test_uses_name_the_newest_posts_but_hide_titles_of_others_drafts():
    medium = add()
    for _ in range(4):
        post(f"/media/{medium['name']}")
    posts.create(author_id=2, title="Secret", body=f"/media/{medium['name']}", status="draft")
    seen = uses(medium, users.find(1))
    assert seen.total == 5
    assert [title for _, title in seen.posts] == [None, "About", "About"]
    assert uses(medium, users.find(2)).posts[0][1] == "Secret"


def test_deleting_media_deletes_all_files(draw, folder):
    medium = add(draw(size=(900, 600)))
    media.delete(medium["id"], SYSTEM)
    assert rows() == 0
    assert os.listdir(folder) == []


def test_authors_edit_their_own_media_and_owners_edit_all():
    medium = add()
    assert media.get_for_edit(medium["name"], users.find(1))["id"] == medium["id"]
    with pytest.raises(errors.Forbidden):
        media.get_for_edit(medium["name"], users.find(2))
    users.set_role("other", "owner")
    assert media.get_for_edit(medium["name"], users.find(2))["id"] == medium["id"]


def test_smallest_variant_is_the_narrowest(draw):
    large, small = add(draw("JPEG", (900, 600))), add(b"<svg>")
    assert media.smallest_variant(large) == f"{large['hash']}-480.webp"
    assert media.smallest_variant(small) == small["name"]


def test_markdown_shows_images_plays_films_and_links_to_other_files(draw):
    picture = add(draw(), alt="a]( *b* <i> \\")
    assert media.markdown(picture, "/p") == r"![a\]( \*b\* \<i> \\](/p)"
    assert media.markdown(add(name="[x].pdf"), "/f") == r"[\[x\].pdf](/f)"
    assert media.markdown(add(b"ID3\x03 sound"), "/s") == '<audio src="/s" controls></audio>'
    film = add(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    assert media.markdown(film, "/v") == '<video src="/v" controls></video>'


def test_media_without_an_uploader_belong_to_someone():
    assert add(user_id=None)["username"] == "someone"
