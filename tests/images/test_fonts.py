"""Test how a font for a text is found."""

import sys

import pytest

from flaskr.images import fonts


@pytest.fixture(autouse=True)
def forget():
    """Look for fonts anew in each test, and after it."""
    fonts.list_faces.cache_clear()
    fonts.find.cache_clear()
    yield
    fonts.list_faces.cache_clear()
    fonts.find.cache_clear()


@pytest.fixture
def install(one_font, tmp_path, monkeypatch):
    """Install the font under other names, and return their folder."""

    def install(*names, content=None):
        for name in names:
            (tmp_path / name).write_bytes(one_font.read_bytes() if content is None else content)
        monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path), "/no/such/folder"))
        return tmp_path

    return install


@pytest.fixture
def fontconfig(tmp_path, monkeypatch):
    """Install a program that answers as `fc-match` does, or does something else."""

    def fontconfig(script):
        program = tmp_path / "fc-match"
        program.write_text(f"#!{sys.executable}\n{script}")
        program.chmod(0o755)
        monkeypatch.setattr(fonts, "FC_MATCH", str(program))

    return fontconfig


@pytest.mark.parametrize("text", ("A title: (3)?", "zero\u200bwidth", "plain\ufe0f"))
def test_font_with_all_letters_is_found(one_font, text):
    assert fonts.find(text, "en") == (str(one_font), 0)


@pytest.mark.parametrize("text", ("日本", "A title in 日本", "नमस्ते", "👋", " ", "", "\ud800", "\0"))
def test_text_with_letters_that_no_font_has_gets_none(text):
    assert fonts.find(text, "en") is None


def test_scripts_that_need_shaping_get_no_font_without_raqm(one_font, monkeypatch):
    # The font may have the letters, but they would be drawn side by side.
    monkeypatch.setattr(fonts, "has_raqm", lambda: False)
    assert fonts.find("Cafe", "en")
    for text in ("مرحبا", "नमस्ते", "ภาษา", "שלום", "q\u0301"):
        assert fonts.SIMPLE.fullmatch(text) is None
        assert fonts.find(text, "en") is None


def test_plain_bold_fonts_are_preferred(install):
    folder = install("AB-Bold-Italic.ttf", "B.ttf", "C-Sans-Bold.otf", "notes.txt")
    assert fonts.find("Title", "en").path == str(folder / "C-Sans-Bold.otf")


def test_collection_has_a_place_for_each_language(install):
    install("NotoSansCJK.ttc", "Other.ttc")
    for language, place in (("ja", 0), ("zh-Hans", 2), ("zh-TW", 3), ("en", 0)):
        places = {
            face.path[-15:]: face.place
            for face in fonts.list_faces.__wrapped__(fonts.fontconfig_language(language))
        }
        assert places["NotoSansCJK.ttc"] == place


def test_broken_fonts_and_boxes_are_left_out(install):
    install("Broken-Bold.ttf", content=b"no font")
    install("LastResort.otf")
    assert fonts.find("Title", "en") is None


def test_fontconfig_chooses_by_language(one_font, fontconfig, tmp_path):
    fontconfig(
        f"import sys; open({str(tmp_path / 'asked')!r}, 'w').write(sys.argv[-1])\n"
        f"print('/no/such/font.ttf\\t0'); print({str(one_font)!r} + '\\t0'); print('odd')"
    )
    assert fonts.find("Title", "zh-Hant; rm") == (str(one_font), 0)
    assert (tmp_path / "asked").read_text() == "sans-serif:bold:lang=zh-hantrm"


@pytest.mark.parametrize("script", ("", "import time; time.sleep(60)", "syntax error"))
def test_folders_are_searched_if_fontconfig_says_nothing(one_font, fontconfig, monkeypatch, script):
    fontconfig(script)
    monkeypatch.setattr(fonts, "MAX_SECONDS", 0.2)
    assert fonts.find("Title", "en") == (str(one_font), 0)
