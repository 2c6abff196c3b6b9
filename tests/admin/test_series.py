from flaskr.models import users


def test_owner_renames_a_series(app, client, auth, write):
    write("Part 1", series="Learning")
    assert "Rename" not in client.get("/series/learning").text
    assert client.post("/series/learning/name").location == "/auth/login"
    auth.login()
    assert "Rename" not in client.get("/series/learning").text
    assert client.post("/series/learning/name", data={"series": "X"}).status_code == 403
    with app.app_context():
        users.set_role("test", "owner")
    assert "Rename" in client.get("/series/learning").text
    page = client.post("/series/learning/name", data={"series": " "}).text
    assert "Name is required." in page
    answer = client.post("/series/learning/name", data={"series": "Tea & cake"})
    assert answer.location == "/series/tea-cake"
    assert "Renamed Learning to Tea &amp; cake." in client.get(answer.location).text
    assert client.get("/series/learning?after=x").location == "/series/tea-cake?after=x"
