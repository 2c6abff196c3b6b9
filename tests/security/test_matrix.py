"""The permission matrix over HTTP: every route, requested by every kind of user."""

from urllib.parse import parse_qsl

import pytest

from flaskr.api.v1 import OPERATIONS
from flaskr.models import tokens
from flaskr.models import users

from ..databases import dump
from .conftest import ACTORS
from .conftest import OWNER
from .conftest import SECRET

# A number is the status of the response, `login` a redirect to the login page. Ann owns all posts
# and files; `bob` is another author. `ended` sends the cookie of a session that Ann has ended.
# The form data follows |.
MATRIX = """
#    route                                           visitor ended  ann    bob    owner
GET  /hello                                            200    200    200    200    200
GET  /health                                           200    200    200    200    200
GET  /static/style.css                                 200    200    200    200    200
GET  /                                                 200    200    200    200    200
GET  /posts/all                                        302    302    302    302    302
GET  /published                                        200    200    200    200    200
GET  /{published}                                      302    302    302    302    302
GET  /page                                             200    200    200    200    200
GET  /{page}                                           302    302    302    302    302
GET  /grapefruit-draft                                 404    404    200    404    200
GET  /{draft}                                          404    404    302    404    302
GET  /grapefruit-scheduled                             404    404    200    404    200
GET  /{scheduled}                                      404    404    302    404    302
GET  /grapefruit-page                                  404    404    200    404    200
GET  /{page_draft}                                     404    404    302    404    302
GET  /deleted                                          410    410    410    410    410
GET  /{deleted}                                        404    404    404    404    404
GET  /grapefruit-deleted                               404    404    404    404    404
GET  /{deleted_draft}                                  404    404    404    404    404
GET  /archive                                          200    200    200    200    200
GET  /2018/                                            200    200    200    200    200
GET  /2018/01/                                         200    200    200    200    200
GET  /2999/                                            404    404    404    404    404
GET  /2999/01/                                         404    404    404    404    404
GET  /tag                                              200    200    200    200    200
GET  /tag/sea                                          200    200    200    200    200
GET  /tag/hidden                                       404    404    200    200    200
GET  /tag/sea/feed.xml                                 200    200    200    200    200
GET  /tag/hidden/feed.xml                              404    404    200    200    200
GET  /tag/sea/feeds                                    200    200    200    200    200
GET  /tag/hidden/feeds                                 404    404    200    200    200
GET  /series/tides                                     200    200    200    200    200
GET  /series/hidden                                    404    404    404    404    404
GET  /series/tides/feed.json                           200    200    200    200    200
GET  /series/hidden/feed.json                          404    404    200    200    200
GET  /series/tides/feeds                               200    200    200    200    200
GET  /series/hidden/feeds                              404    404    200    200    200
GET  /user/ann                                         200    200    200    200    200
GET  /user/bob                                         404    404    200    200    200
GET  /user/ann/feed.atom                               200    200    200    200    200
GET  /user/bob/feed.atom                               404    404    200    200    200
GET  /user/ann/feeds                                   200    200    200    200    200
GET  /user/bob/feeds                                   404    404    200    200    200
GET  /api/v1/events                                    401    401    204    204    204
GET  /feed.json                                        200    200    200    200    200
GET  /feed.json?before=2018-01-01T00:00:00~1           200    200    200    200    200
GET  /feeds                                            200    200    200    200    200
GET  /search?q=grapefruit                              200    200    200    200    200
GET  /search/suggestions?q=grape                       200    200    200    200    200
GET  /sitemap.xml                                      200    200    200    200    200
GET  /sitemap-0.xml                                    200    200    200    200    200
GET  /robots.txt                                       200    200    200    200    200
GET  /published.md                                     200    200    200    200    200
GET  /grapefruit-draft.md                              404    404    200    404    200
GET  /llms.txt                                         200    200    200    200    200
GET  /apple-touch-icon.png                             200    200    200    200    200
GET  /apple-touch-icon-precomposed.png                 200    200    200    200    200
GET  /favicon.ico                                      200    200    200    200    200
GET  /settings/site.webmanifest                        200    200    200    200    200
GET  /settings/accent/0a6560.css                       200    200    200    200    200
GET  /settings/css/x.css                              200    200    200    200    200
GET  /settings/icon/x/192.png                          404    404    404    404    404
GET  /social-card/{published}-{published_card}.png     200    200    200    200    200
GET  /social-card/{draft}-{draft_card}.png             404    404    404    404    404
GET  /media/{file}                                     200    200    200    200    200
GET  /auth/register                                    200    200    200    200    200
POST /auth/register                                    200    200    200    200    200
GET  /auth/login                                       200    200    302    302    302
POST /auth/login|username=ann&password=wrong           200    200    200    200    200
GET  /auth/logout                                      302    302    302    302    302
POST /auth/logout                                      302    302    302    302    302
GET  /auth/authorization                               400    400    400    400    400
GET  /auth/authorization?{grant}                       login  login  200    200    200
POST /auth/authorization/consent                       400    400    400    400    400
POST /auth/authorization/consent|{grant}               login  login  200    200    200
POST /auth/authorization/consent|deny=1&{grant}        login  login  303    303    303
POST /auth/authorization                               400    400    400    400    400
POST /auth/token                                       400    400    400    400    400
POST /auth/token/revocation                            400    400    400    400    400
POST /auth/token/introspection                         401    401    401    401    401
GET  /auth/userinfo                                    401    401    401    401    401
GET  /.well-known/oauth-authorization-server           200    200    200    200    200
GET  /auth/password                                    login  login  200    200    200
POST /auth/password|old_password=wrong                 login  login  200    200    200
GET  /account                                          login  login  200    200    200
POST /account|display_name=New                         login  login  302    302    302
GET  /account/tokens                                   login  login  200    200    200
POST /account/tokens|password=wrong                    login  login  200    200    200
POST /account/tokens/{token}/revocation                login  login  302    404    302
GET  /create                                           login  login  200    200    200
POST /create                                           login  login  302    302    302
POST /create|kind=page                                 login  login  403    403    302
POST /create|menu_position=1                           login  login  403    403    302
POST /drafts                                           login  login  302    302    302
POST /drafts|kind=page                                 login  login  403    403    302
POST /preview                                          login  login  200    200    200
POST /preview/page                                     login  login  200    200    200
POST /preview/page?post={published}                    login  login  200    403    200
POST /preview/page?post={draft}                        login  login  200    404    200
GET  /{published}/update                               login  login  200    403    200
POST /{published}/update                               login  login  302    403    302
POST /{published}/update|kind=page                     login  login  403    403    302
POST /{published}/update|menu_position=1               login  login  403    403    302
GET  /{draft}/update                                   login  login  200    404    200
POST /{draft}/update                                   login  login  302    404    302
GET  /{scheduled}/update                               login  login  200    404    200
POST /{scheduled}/update                               login  login  302    404    302
GET  /{page}/update                                    login  login  200    403    200
POST /{page}/update                                    login  login  302    403    302
POST /{page}/update|kind=post                          login  login  403    403    302
GET  /{deleted}/update                                 login  login  404    404    404
POST /{deleted}/update                                 login  login  404    404    404
POST /publications                                     login  login  302    302    302
POST /publications|kind=page                           login  login  403    403    302
POST /undo/{undo}                                      login  login  302    302    302
POST /{published}/publication                          login  login  302    403    302
POST /{draft}/publication                              login  login  302    404    302
POST /{scheduled}/publication                          login  login  302    404    302
POST /{page_draft}/publication                         login  login  403    404    302
POST /{published}/withdrawal                           login  login  302    403    302
POST /{draft}/withdrawal                               login  login  302    404    302
POST /{scheduled}/withdrawal                           login  login  302    404    302
POST /{page}/withdrawal                                login  login  302    403    302
POST /{published}/delete                               login  login  302    403    302
POST /{draft}/delete                                   login  login  302    404    302
POST /{scheduled}/delete                               login  login  302    404    302
POST /{page}/delete                                    login  login  302    403    302
POST /{deleted}/delete                                 login  login  404    404    404
POST /trash/{deleted}/restoration                      login  login  302    404    302
POST /trash/{deleted_draft}/restoration                login  login  302    404    302
POST /trash/{published}/restoration                    login  login  404    404    404
GET  /{published}/revisions                            login  login  200    403    200
GET  /{draft}/revisions                                login  login  200    404    200
GET  /{deleted}/revisions                              login  login  404    404    404
GET  /{published}/revisions/{revision}                 login  login  200    403    200
GET  /{draft}/revisions/{revision}                     login  login  404    404    404
POST /{published}/revisions/{revision}/restoration     login  login  302    403    302
POST /{draft}/revisions/{revision}/restoration         login  login  404    404    404
GET  /posts                                            301    login  200    200    200
GET  /posts?show=drafts                                login  login  200    200    200
GET  /posts?show=scheduled                             login  login  200    200    200
GET  /posts?show=pages                                 login  login  200    200    200
GET  /posts?show=trash                                 login  login  200    200    200
GET  /posts?q=grapefruit                               login  login  200    200    200
GET  /posts/titles?q=                                  login  login  200    200    200
POST /posts|action=publish&id={draft}                  login  login  302    404    302
POST /posts|action=publish&id={page_draft}             login  login  403    404    302
POST /posts|action=unpublish&id={published}            login  login  302    403    302
POST /posts|action=tag&tag=x&id={published}            login  login  302    403    302
POST /posts|action=delete&id={published}               login  login  302    403    302
POST /posts|action=delete&id={draft}                   login  login  302    404    302
POST /posts|action=restore&id={deleted}                login  login  302    404    302
GET  /unsaved                                          login  login  200    200    200
GET  /unsaved?post={draft}                             login  login  200    404    200
GET  /unsaved/{key}                                    login  login  200    404    404
GET  /unsaved/{other_key}                              login  login  200    404    404
PUT  /unsaved/{key}                                    login  login  200    200    200
PUT  /unsaved/{key}?user=1                             login  login  200    login  login
POST /unsaved/{key}                                    login  login  200    200    200
PUT  /unsaved/{key}?post={published}                   login  login  200    403    200
PUT  /unsaved/{key}?post={draft}                       login  login  200    404    200
PUT  /unsaved/{key}?post={deleted}                     login  login  404    404    404
POST /unsaved/{key}/delete                             login  login  302    404    404
GET  /create?unsaved={key}                             login  login  200    200    200
GET  /media                                            login  login  200    200    200
GET  /media/picker                                     login  login  200    200    200
POST /media                                            login  login  200    200    200
POST /media/{file}|alt=New                             login  login  302    403    302
GET  /media/{file}/deletion                            login  login  200    403    200
POST /media/{file}/deletion                            login  login  302    403    302
POST /series/tides/name|series=Waves                   login  login  403    403    302
POST /series/hidden/name|series=Waves                  login  login  403    403    302
GET  /tags                                             301    login  403    403    200
POST /tags/{tag}|name=Ocean                            login  login  403    403    302
POST /tags/{tag}/deletion                              login  login  403    403    302
GET  /settings                                         login  login  403    403    200
GET  /settings/design                                 login  login  403    403    200
POST /settings/design|look=book                       login  login  403    403    302
GET  /settings/design/preview                         login  login  403    403    200
POST /settings/design/preview|look=book               login  login  403    403    200
GET  /settings/backup                                  login  login  403    403    200
POST /settings/backup|password=wrong                   login  login  403    403    200
GET  /settings/import                                  login  login  403    403    200
POST /settings/import                                  login  login  403    403    200
GET  /settings/export                                  login  login  403    403    200
POST /settings/export                                  login  login  403    403    200
GET  /settings/import/report                           login  login  403    403    404
POST /settings|tagline=New                             login  login  403    403    302
GET  /media/cards                                      login  login  200    200    200
POST /media/cards|url=http://127.0.0.1/                login  login  200    200    200
GET  /xmlrpc                                            404    404    404    404    404
POST /xmlrpc                                           404    404    404    404    404
GET  /micropub?q=config                                401    401    200    200    200
GET  /micropub?q=source                                401    401    200    200    200
POST /micropub|content=New                             401    401    201    201    201
GET  /micropub/media?q=last                            401    401    200    200    200
POST /micropub/media                                   401    401    400    400    400
GET  /preview/{draft}/wrong                            404    404    404    404    404
GET  /settings/redirects                               login  login  403    403    200
POST /settings/redirects|path=/a&target=/b             login  login  403    403    302
POST /settings/redirects/1/deletion                    login  login  403    403    404
POST /settings/redirects/dismissal|path=/a             login  login  403    403    302
GET  /api/v1/posts                                     200    200    200    200    200
GET  /api/v1/posts?status=any                          401    401    200    200    200
POST /api/v1/posts                                     401    401    201    201    201
GET  /api/v1/posts/{published}                         200    200    200    200    200
GET  /api/v1/posts/{draft}                             404    404    200    404    200
GET  /api/v1/posts/{scheduled}                         404    404    200    404    200
GET  /api/v1/posts/{deleted}                           404    404    404    404    404
PUT  /api/v1/posts/{published}                         401    401    200    403    200
PUT  /api/v1/posts/{draft}                             401    401    200    404    200
PATCH /api/v1/posts/{published}                        401    401    200    403    200
PATCH /api/v1/posts/{scheduled}                        401    401    200    404    200
DELETE /api/v1/posts/{published}                       401    401    204    403    204
DELETE /api/v1/posts/{draft}                           401    401    204    404    204
POST /api/v1/posts/{draft}/publication                 401    401    200    404    200
DELETE /api/v1/posts/{published}/publication           401    401    200    403    200
GET  /api/v1/posts/{published}/revisions               401    401    200    403    200
GET  /api/v1/posts/{draft}/revisions                   401    401    200    404    200
GET  /api/v1/posts/{published}/revisions/{revision}    401    401    200    403    200
GET  /api/v1/trash                                     401    401    200    200    200
POST /api/v1/trash/{deleted}/restoration               401    401    200    404    200
POST /api/v1/trash/{deleted_draft}/restoration         401    401    200    404    200
POST /api/v1/preview                                   401    401    422    422    422
GET  /api/v1/pages                                     200    200    200    200    200
POST /api/v1/pages                                     401    401    403    403    201
GET  /api/v1/pages/{page}                              200    200    200    200    200
GET  /api/v1/pages/{page_draft}                        404    404    200    404    200
PUT  /api/v1/pages/{page}                              401    401    200    403    200
PATCH /api/v1/pages/{page}                             401    401    200    403    200
DELETE /api/v1/pages/{page}                            401    401    204    403    204
POST /api/v1/pages/{page_draft}/publication            401    401    403    404    200
DELETE /api/v1/pages/{page}/publication                401    401    200    403    200
GET  /api/v1/tags                                      200    200    200    200    200
GET  /api/v1/tags/sea                                  200    200    200    200    200
GET  /api/v1/tags/hidden                               404    404    200    200    200
PATCH /api/v1/tags/sea|name=Ocean                      401    401    403    403    200
DELETE /api/v1/tags/sea                                401    401    403    403    204
GET  /api/v1/series                                    200    200    200    200    200
GET  /api/v1/series/tides                              200    200    200    200    200
GET  /api/v1/series/hidden                             404    404    200    200    200
PATCH /api/v1/series/tides|name=Waves                  401    401    403    403    200
GET  /api/v1/users                                     401    401    200    200    200
GET  /api/v1/users/1                                   401    401    200    200    200
GET  /api/v1/users/me                                  401    401    200    200    200
PATCH /api/v1/users/me|bio=New                         401    401    200    200    200
GET  /api/v1/media                                     401    401    200    200    200
POST /api/v1/media                                     401    401    201    201    201
GET  /api/v1/media/{file}                              401    401    200    200    200
PATCH /api/v1/media/{file}|alt=New                     401    401    200    403    200
DELETE /api/v1/media/{file}                            401    401    204    403    204
GET  /api/v1/unsaved                                   401    401    200    200    200
GET  /api/v1/unsaved?post={draft}                      401    401    200    404    200
GET  /api/v1/unsaved/{key}                             401    401    200    404    404
PUT  /api/v1/unsaved/{key}                             401    401    200    200    200
DELETE /api/v1/unsaved/{key}                           401    401    204    404    404
GET  /api/v1/                                          200    200    200    200    200
GET  /api/v1/openapi.json                              200    200    200    200    200
GET  /api/v1/export                                    401    401    200    200    200
GET  /api/v1/site                                      200    200    200    200    200
GET  /api/v1/settings                                  401    401    403    403    200
PATCH /api/v1/settings|tagline=New                     401    401    403    403    200
GET  /api/v1/redirects                                 401    401    403    403    200
POST /api/v1/redirects|path=/a&target=/b               401    401    403    403    201
DELETE /api/v1/redirects/1                             401    401    403    403    404
"""

# What programs send with codes and tokens, also from pages of their own sites.
FOR_ANY_SITE = (
    "/auth/authorization",
    "/auth/token",
    "/auth/token/revocation",
    "/auth/token/introspection",
)


def rows():
    for line in MATRIX.strip().splitlines()[1:]:
        method, target, *outcomes = line.split()
        path, _, form = target.partition("|")
        yield method, path, form, dict(zip(ACTORS, outcomes, strict=True))


def send(client, places, method, path, form, **options):
    data = dict(parse_qsl(form.format(**places)))
    if method != "GET" and not (form and path.startswith("/api/")):
        data = {"title": "T", "body": "B"} | data
    if path.startswith("/api/") and method in ("POST", "PUT", "PATCH"):
        options["json"], data = data, None
    return client.open(path.format(**places), method=method, data=data, buffered=True, **options)


def outcome(response):
    if response.status_code == 302 and response.location.startswith("/auth/login"):
        return "login"
    return str(response.status_code)


@pytest.mark.parametrize("actor", ACTORS)
def test_routes_answer_as_in_the_matrix(client_of, places, reset, actor):
    wrong = []
    for method, path, form, expected in rows():
        response = send(client_of(actor), places, method, path, form)
        if outcome(response) != expected[actor]:
            wrong.append((method, path, form, actor, outcome(response), "not", expected[actor]))
        if actor not in ("ann", "owner") and SECRET.encode() in response.data:
            wrong.append((method, path, form, actor, "saw private text"))
        if method != "GET":
            reset()
    assert wrong == []


def test_every_route_is_in_the_matrix(team_app, places):
    adapter = team_app.url_map.bind("localhost")
    seen = set()
    for method, path, _, _ in rows():
        endpoint, _ = adapter.match(path.format(**places).partition("?")[0], method)
        seen.add((endpoint, method))
    routes = {
        (rule.endpoint, method)
        for rule in team_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        # The tutorial's name for `blog.index`, at the same URL.
        if rule.endpoint != "index"
    }
    assert routes - seen == set()


@pytest.mark.parametrize("actor", ("visitor", "ann", "owner"))
@pytest.mark.parametrize("site", ("cross-site", "same-site"))
def test_cross_site_requests_change_nothing(team_app, client_of, places, actor, site):
    with team_app.app_context():
        before = dump()
    client = client_of(actor)
    for method, path, form, _ in rows():
        if method != "GET":
            headers = {"Sec-Fetch-Site": site}
            response = send(client, places, method, path, form, headers=headers)
            if path in FOR_ANY_SITE:
                assert response.status_code in (400, 401), (method, path)
                continue
            assert response.status_code == 403, (method, path)
            assert "nothing was changed" in response.text
    with team_app.app_context():
        assert dump() == before


def test_programs_need_the_scope_of_each_operation(team_app, places):
    wrong = []
    with team_app.app_context():
        secrets = {
            scope: tokens.create(users.find(OWNER), name=scope, scopes=[scope])
            for scope in tokens.SCOPES
        }
    for operation in OPERATIONS:
        values = {"id": 1, "revision_id": 1, "slug": "sea", "name": "x", "key": "x"}
        path = f"/api/v1{operation.path}".format(**values)
        for scope, secret in secrets.items():
            response = team_app.test_client().open(
                path,
                method=operation.method,
                headers={"Authorization": f"Bearer {secret}"},
                buffered=True,
            )
            lacking = response.headers.get("WWW-Authenticate", "").partition("scope=")[2].strip('"')
            # The scope to change what is public is checked in addition to that of the table.
            expected = operation.scope if operation.scope != scope else lacking
            if lacking != expected or lacking not in ("", "publish", operation.scope):
                wrong.append((operation.name, scope, lacking))
    assert wrong == []


def test_what_a_program_may_not_read_is_not_the_answer_to_a_change(team_app, places):
    with team_app.app_context():
        scopes = set(tokens.SCOPES) - {"read"}
        secret = tokens.create(users.find(OWNER), name="Writer", scopes=scopes)
    headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
    values = {"id": places["draft"], "slug": "hidden", "name": places["file"], "key": "k" * 20}
    told = {}
    for operation in OPERATIONS:
        path = f"/api/v1{operation.path}".format(**values, revision_id=1)
        if operation.method in ("POST", "PATCH") and operation.scope != "read":
            answer = team_app.test_client().open(
                path.replace(f"trash/{values['id']}", f"trash/{places['deleted_draft']}"),
                method=operation.method,
                json={"path": "/a", "target": "/b"} if "redirects" in path else {},
                headers=headers,
            )
            told[operation.name] = (answer.status_code, bool(answer.data))
            assert SECRET.encode() not in answer.data
    changed = {name: shown for name, (status, shown) in told.items() if status < 400}
    assert len(changed) >= 8
    shown = {name for name, is_shown in changed.items() if is_shown}
    # Only what a token with the scope may read is shown.
    assert shown == {"change_settings", "add_redirect", "upload_file"}
