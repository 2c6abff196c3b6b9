from datetime import UTC
from datetime import datetime

from flask import Flask

from flaskr.api import openapi
from flaskr.api import routes
from flaskr.api.table import Operation
from flaskr.api.table import Reply


def old():
    """Answer as before."""
    return Reply({})


START = datetime(2026, 1, 1, tzinfo=UTC)
OLD = Operation("GET", "/old", old, deprecated=START, sunset=START.replace(year=2027))


def test_the_document_marks_what_will_go_away(app):
    with app.test_request_context():
        document = openapi.build_document([OLD])
    assert document["paths"]["/old"]["get"]["deprecated"] is True


def test_an_operation_announces_its_end():
    app = Flask(__name__)
    app.register_blueprint(routes.make_blueprint([OLD]))
    response = app.test_client().get("/api/v1/old")
    assert response.headers["Deprecation"] == "@1767225600"
    assert response.headers["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
