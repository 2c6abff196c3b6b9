from io import BytesIO
from urllib.parse import quote
from urllib.parse import quote_plus

import pytest
from werkzeug.formparser import FormDataParser

from flaskr.web import form_parser

KIND = form_parser.URL_ENCODED
TEXT = "日本語 + a&b=c %41 é\n"


def fields(body, parser=form_parser.FormParser):
    _, form, files = parser().parse(BytesIO(body), KIND, len(body))
    assert not files
    return list(form.items(multi=True))


@pytest.mark.parametrize(
    "body",
    (
        b"", b"&", b"a", b"a=", b"=b", b"a=b", b"a=b&a=c", b"a=b=c", b"a+b=c+d", b"a=%41%zz%4",
        b"a=%ff%fe", b"%61=%E3%81", b"&&a=1&&b=2&", b"a=%", b"a=%00", b"a=1;b=2",
        f"a={quote_plus(TEXT)}".encode(), f"{quote(TEXT)}=x".encode(), f"a={TEXT[:4]}".encode(),
    ),
)  # fmt: skip
def test_form_is_parsed_like_werkzeug(body):
    assert fields(body) == fields(body, FormDataParser)


@pytest.mark.parametrize("before", range(4))
def test_escapes_are_not_split_between_chunks(before):
    text = "x" * before + "é%" * form_parser.CHUNK_BYTES
    assert fields(f"a={quote_plus(text)}".encode()) == [("a", text)]
    text = "x" * (form_parser.CHUNK_BYTES - before)
    assert fields(f"a={text}%41%42".encode()) == [("a", f"{text}AB")]
    assert fields(f"a={text}%4".encode()) == [("a", f"{text}%4")]


def test_other_forms_use_the_parser_of_werkzeug():
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    parser = form_parser.FormParser()
    _, form, _ = parser.parse(BytesIO(body), "multipart/form-data", len(body), {"boundary": "x"})
    assert form["a"] == "b"
