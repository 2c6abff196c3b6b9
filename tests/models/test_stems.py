from flaskr.models import stems


def test_stems_are_those_of_porter(monkeypatch):
    monkeypatch.setattr(stems, "MAX_KNOWN_WORDS", 1)
    for _ in range(2):
        assert stems.stem(["compiling", "compiled", "happy"]) == {
            "compiling": "compil",
            "compiled": "compil",
            "happy": "happi",
        }
    assert stems.stem([]) == {}
