"""Test the slugs of titles in different languages."""

import unicodedata

import pytest

from flaskr.text import slugs


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    (
        ("中文标题", "zh", "zhongwenbiaoti"),
        ("中文标题", "zh-CN", "zhongwenbiaoti"),
        ("中文标题", "ZH-Hant", "zhongwenbiaoti"),
        ("春の海", "ja", "春の海"),
        ("東京", "ja", "東京"),
        ("東京 2026!", "en", "東京-2026"),
        ("ゆき", "ja", "yuki"),
        ("한국어 제목", "ko", "hangugeo-jemog"),
        ("大韓民國", "ko", "大韓民國"),
        ("中文", "yue", "中文"),
        ("Flask入門、その「二」", "ja", "flask入門-その-二"),
        ("Привет, мир", "ru", "privet-mir"),
        # These letters are in no Chinese title.
        ("春の海", "zh", "春の海"),
        ("大韓의 봄", "zh", "大韓의-봄"),
    ),
)
def test_title_gets_no_reading_of_another_language(title, language, slug):
    assert slugs.title_slug(title, language) == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    (
        ("Привет, мир", "привет-мир"),
        ("हिन्दी में", "हिन्दी-में"),
        ("كيف تكتب؟", "كيف-تكتب"),
        ("What\u2019s New_in \uff26LASK", "whats-new-in-flask"),
        ("e\u0301te\u0301", "été"),
        ("A/b\\c?d#e%f&g<h>", "a-b-c-d-e-f-g-h"),
        ("a\u202eb\0c\u2028d", "a-b-c-d"),
        ("١٢٣", "post-١٢٣"),
        ("2026", "post-2026"),
        ("..", "post"),
        ("", "post"),
        ("\ud800", "post"),
    ),
)
def test_letters_of_all_scripts_stay(title, slug):
    assert slugs.title_slug(title, "en", keep_letters=True) == slug


@pytest.mark.parametrize(
    "title",
    ("海" * 300, "𠮷" * 300, "word " * 100, "क्षे" * 100, "xxx" + "कि" * 50, "q" + "\u0301" * 300),
)
def test_long_title_fits_into_a_name_of_a_file(title):
    slug = slugs.title_slug(title, "en", keep_letters=True)
    assert 10 < len(slug) <= slugs.MAX_SLUG_CHARS
    assert len(slug.encode()) <= slugs.MAX_SLUG_BYTES
    assert unicodedata.normalize("NFKC", slug) == slug
