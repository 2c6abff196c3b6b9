from datetime import UTC
from datetime import datetime

from flask import Flask

from flaskr.api import routes
from flaskr.api.table import Operation
from flaskr.api.table import Reply


def test_an_operation_announces_its_end():
    def old():
        """Answer as before."""
        return Reply({})

    start = datetime(2026, 1, 1, tzinfo=UTC)
    operation = Operation("GET", "/old", old, deprecated=start, sunset=start.replace(year=2027))
    app = Flask(__name__)
    app.register_blueprint(routes.make_blueprint([operation]))
    response = app.test_client().get("/api/v1/old")
    assert response.headers["Deprecation"] == "@1767225600"
    assert response.headers["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
