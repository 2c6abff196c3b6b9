import pytest

from flaskr.text.locales import open_graph_locale
from flaskr.text.locales import text_direction


@pytest.mark.parametrize(
    ("language", "expected"),
    (
        ("en", "en_US"),
        ("de", "de_DE"),
        ("pt-BR", "pt_BR"),
        ("pt-br", "pt_BR"),
        ("zh", "zh_CN"),
        ("zh-Hans", "zh_CN"),
        ("zh-Hant", "zh_TW"),
        ("zh-Hant-HK", "zh_HK"),
        ("sr-Latn-RS", "sr_RS"),
        ("es-419", "es_ES"),
        ("eo", ""),
        ("ar", ""),
        ("ar-EG", "ar_EG"),
        ("english", ""),
        ("gsw", ""),
        ("", ""),
    ),
)
def test_language_gets_its_region(language, expected):
    assert open_graph_locale(language) == expected


@pytest.mark.parametrize("language", ("ar", "AR", "he-IL", "fa", "ur_PK"))
def test_direction_of_a_language_from_right_to_left(language):
    assert text_direction(language) == "rtl"


@pytest.mark.parametrize("language", ("", "en", "ja", "az-Latn", "ar-Latn", "arn"))
def test_direction_of_other_languages(language):
    assert text_direction(language) == "ltr"
