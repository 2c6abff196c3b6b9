import os

from flask import Flask

from flaskr.web import background


def test_each_process_starts_one_thread_with_its_first_request(monkeypatch):
    app, started = Flask(__name__), []
    background.start_with_first_request(app, "work", started.append)
    client = app.test_client()
    client.get("/")
    client.get("/")
    assert started == [app]
    monkeypatch.setattr(os, "getpid", lambda: -1)
    client.get("/")
    assert len(started) == 2
