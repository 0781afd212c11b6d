"""The client's own rules: where the token goes, how much it reads, how long it waits."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.doubles.server import Reply, Request, Server, json_reply

from wavegate.errors import ExitCode, InputError, RefusedError, ServiceError, UncertainError
from wavegate.github import client
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

PURPOSE = Purpose(doing="read the answer", permission="contents: read")


class Number(msgspec.Struct):
    number: int


class Scripted:
    """A server that gives the replies of a script in order, the last one again and again."""

    def __init__(self) -> None:
        self.script: list[Reply | Callable[[], Reply] | None] = [json_reply(200, {"number": 1})]
        self.seen: list[Request] = []
        self.server = Server(self.answer)
        self.waited: list[float] = []

    def answer(self, request: Request) -> Reply | None:
        self.seen.append(request)
        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return reply() if callable(reply) else reply

    def client(self, *, patience: float = 200, timeout: float = 5) -> GitHub:
        return GitHub(
            api_url=self.server.url,
            graphql_url=f"{self.server.url}/graphql",
            token="ghs_t0ken",
            sleep=self.waited.append,
            patience=patience,
            timeout=timeout,
        )


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    made = Scripted()
    made.server.start()
    yield made
    made.server.stop()


@pytest.fixture
def other() -> Iterator[Scripted]:
    made = Scripted()
    made.server.start()
    yield made
    made.server.stop()


def test_says_who_asks_and_follows_a_renamed_repository(scripted: Scripted) -> None:
    scripted.script[:0] = [Reply(status=301, headers={"Location": "/repositories/7"})]
    assert scripted.client().get("/repos/a/b", Number, PURPOSE).number == 1
    assert [request.path for request in scripted.seen] == ["/repos/a/b", "/repositories/7"]
    headers = scripted.seen[-1].headers
    assert headers["authorization"] == "Bearer ghs_t0ken"
    assert headers["user-agent"].startswith("wavegate/")
    assert headers["x-github-api-version"] == "2022-11-28"


def test_an_enterprise_server_has_its_interface_below_a_path(scripted: Scripted) -> None:
    server = scripted.server.url
    link = {"Link": f'<{server}/api/v3/x?page=2>; rel="next"'}
    scripted.script = [
        json_reply(200, {"number": 1}, link),
        json_reply(200, {"number": 2}),
        json_reply(200, {"data": {"number": 3}}),
    ]
    github = GitHub(api_url=f"{server}/api/v3", graphql_url=f"{server}/api/graphql", token="t")
    assert [page.number for page in github.pages("/x", Number, PURPOSE)] == [1, 2]
    assert github.query("{x}", {}, Number, PURPOSE).number == 3
    assert [request.path for request in scripted.seen] == ["/api/v3/x", "/api/v3/x", "/api/graphql"]


def test_a_proxy_is_used_and_named_where_it_is_dead(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ServiceError, match="proxy refused"):
        scripted.client().get("/x", Number, PURPOSE)
    assert scripted.seen == []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert scripted.client().get("/x", Number, PURPOSE).number == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_token(scripted: Scripted, other: Scripted, status: int) -> None:
    scripted.script = [Reply(status=status, headers={"Location": f"{other.server.url}/x"})]
    with pytest.raises(ServiceError, match="another host"):
        scripted.client().get("/x", Number, PURPOSE)
    assert other.seen == []


def test_a_next_page_on_another_host_is_not_asked_for(scripted: Scripted, other: Scripted) -> None:
    link = {"Link": f'<{other.server.url}/x?page=2>; rel="next"'}
    scripted.script = [json_reply(200, {"number": 1}, link)]
    with pytest.raises(ServiceError, match="another host"):
        list(scripted.client().pages("/x", Number, PURPOSE))
    assert other.seen == []


def test_a_redirect_in_circles_ends(scripted: Scripted) -> None:
    scripted.script = [Reply(status=302, headers={"Location": "/again"})]
    with pytest.raises(ServiceError, match="redirects without end"):
        scripted.client().get("/x", Number, PURPOSE)


def test_a_netrc_file_does_not_replace_the_token(
    scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    scripted.client().get("/x", Number, PURPOSE)
    assert scripted.seen[0].headers["authorization"] == "Bearer ghs_t0ken"


def test_pages_follow_each_other(scripted: Scripted) -> None:
    link = {"Link": f'<{scripted.server.url}/x?page=2>; rel="next", <https://elsewhere/>; rel="last"'}
    scripted.script[:0] = [json_reply(200, {"number": 7}, link)]
    assert [page.number for page in scripted.client().pages("/x", Number, PURPOSE)] == [7, 1]


def test_a_reply_beyond_the_limit_is_not_read(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REPLY_LIMIT", 100_000)
    scripted.script = [Reply(status=200, body=b" " * 200_000 + b'{"number": 1}')]
    with pytest.raises(ServiceError, match="longer than 100,000 bytes"):
        scripted.client().get("/x", Number, PURPOSE)


def test_a_reply_that_never_comes_is_given_up(scripted: Scripted) -> None:
    stop = threading.Event()

    def slowly() -> Reply:
        stop.wait(5)
        return json_reply(200, {})

    scripted.script = [slowly]
    started = time.monotonic()
    with pytest.raises(ServiceError, match="did not answer in time"):
        scripted.client(timeout=0.1).get("/x", Number, PURPOSE)
    stop.set()
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"number": "1"}', b'{"number": 1', b"\xff", b"[" * 100_000, b"<html>"]
)
def test_a_reply_that_is_not_what_was_asked_for_is_an_error_of_the_service(scripted: Scripted, body: bytes) -> None:
    scripted.script = [Reply(status=200, body=body)]
    with pytest.raises(ServiceError, match=r"cannot be read|nested"):
        scripted.client().get("/x", Number, PURPOSE)
    assert len(scripted.seen) == 4


def test_a_change_whose_answer_was_lost_is_not_repeated_blindly(scripted: Scripted) -> None:
    scripted.script = [None]
    with pytest.raises(UncertainError):
        scripted.client().send("POST", "/x", {}, Number, PURPOSE, repeatable=False)
    assert len(scripted.seen) == 1
    found = scripted.client().once(lambda: _lost(), lambda: Number(number=9))
    assert found.number == 9


def _lost() -> Number:
    raise UncertainError("Lost.")


def test_a_rate_limit_waits_longer_each_time_within_the_patience(scripted: Scripted) -> None:
    limited = json_reply(429, {"message": "Too many requests"})
    scripted.script = [limited, limited, json_reply(200, {"number": 1})]
    scripted.client().send("POST", "/x", {}, Number, PURPOSE, repeatable=False)
    assert scripted.waited == [60, 120]
    scripted.script = [limited]
    with pytest.raises(ServiceError) as raised:
        scripted.client(patience=100).get("/x", Number, PURPOSE)
    assert "120 seconds" in raised.value.fix


def test_rate_limits_share_one_patience_and_a_wait_of_nothing_ends_too(scripted: Scripted) -> None:
    limited = json_reply(429, {"message": "Too many requests"}, {"retry-after": "0"})
    scripted.script = [limited]
    with pytest.raises(ServiceError, match="rate limit"):
        scripted.client(patience=10).get("/x", Number, PURPOSE)
    assert scripted.waited == [1, 2, 4]
    scripted.waited.clear()
    scripted.script = [json_reply(429, {}, {"retry-after": "6"}), json_reply(200, {"number": 1})] * 2
    github = scripted.client(patience=10)
    github.get("/x", Number, PURPOSE)
    with pytest.raises(ServiceError, match="rate limit"):
        github.get("/x", Number, PURPOSE)
    assert scripted.waited == [6]


GRAPH_LIMITS = [
    {"type": "RATE_LIMITED", "message": "API rate limit exceeded"},
    {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "API rate limit already exceeded for user ID 1."},
    {"code": "graphql_rate_limit", "message": "Wait"},
    {"message": "You have exceeded a secondary rate limit."},
]


@pytest.mark.parametrize("error", [*GRAPH_LIMITS, {"message": "Something went wrong"}])
def test_a_query_waits_as_long_as_its_rate_limit_says(scripted: Scripted, error: object) -> None:
    limited = {"data": None, "errors": [error]}
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 100)}
    scripted.script = [json_reply(200, limited, reset), json_reply(200, {"data": {"number": 1}})]
    assert scripted.client().query("{x}", {}, Number, PURPOSE).number == 1
    (waited,) = scripted.waited
    assert 90 < waited <= 100


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}], ExitCode.INPUT),
        ([{"type": "NOT_FOUND", "message": "Could not resolve to a Repository"}], ExitCode.INPUT),
        ([{"message": "Something went wrong while executing your query"}], ExitCode.SERVICE),
        ([{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}], ExitCode.SERVICE),
    ],
)
def test_an_error_of_a_query(scripted: Scripted, errors: list[object], code: ExitCode) -> None:
    scripted.script = [json_reply(200, {"data": {"number": None}, "errors": errors})]
    with pytest.raises((RefusedError, ServiceError)) as raised:
        scripted.client().query("{x}", {}, Number, PURPOSE)
    assert raised.value.exit_code is code


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}], RefusedError),
        ([{"type": "UNPROCESSABLE", "message": "Description is too long"}], RefusedError),
        ([{"message": "Something went wrong while executing your query"}], UncertainError),
        ([], UncertainError),
    ],
)
def test_a_mutation_is_made_once(scripted: Scripted, errors: list[object], kind: type[Exception]) -> None:
    scripted.script = [json_reply(200, {"data": {"number": None}, "errors": errors})]
    with pytest.raises(kind):
        scripted.client().mutate("mutation {x}", {}, Number, PURPOSE)
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("error", GRAPH_LIMITS)
def test_a_mutation_that_a_rate_limit_stopped_is_made_later(scripted: Scripted, error: object) -> None:
    limited = {"data": None, "errors": [error]}
    scripted.script = [json_reply(200, limited), json_reply(200, {"data": {"number": 1}})]
    assert scripted.client().mutate("mutation {x}", {}, Number, PURPOSE).number == 1
    assert scripted.waited == [60]


def test_a_rate_limit_that_lasts_longer_than_the_patience_names_the_seconds(scripted: Scripted) -> None:
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 1000)}
    scripted.script = [json_reply(200, {"data": None, "errors": [GRAPH_LIMITS[1]]}, reset)]
    with pytest.raises(ServiceError, match="rate limit") as raised:
        scripted.client().query("{x}", {}, Number, PURPOSE)
    assert len(scripted.seen) == 1
    assert re.search(r"in (99\d|1000) seconds", raised.value.fix)


def test_a_mutation_that_failed_on_the_last_point_of_a_rate_limit_is_not_made_twice(scripted: Scripted) -> None:
    failed = {"data": None, "errors": [{"message": "Something went wrong"}]}
    scripted.script = [json_reply(200, failed, {"x-ratelimit-remaining": "0"})]
    with pytest.raises(UncertainError):
        scripted.client().mutate("mutation {x}", {}, Number, PURPOSE)
    assert len(scripted.seen) == 1


def test_a_lost_answer_whose_result_cannot_be_looked_for_stays_uncertain(scripted: Scripted) -> None:
    def refused() -> None:
        raise RefusedError("No.", status=403)

    with pytest.raises(UncertainError):
        scripted.client().once(_lost, refused)


def test_hostile_words_of_a_server_stay_on_one_line(scripted: Scripted) -> None:
    scripted.script = [
        json_reply(422, {"message": "no\n::set-output name=x::y", "errors": [{"code": "\u202e"}, 3, None]})
    ]
    with pytest.raises(RefusedError) as raised:
        scripted.client().get("/x", Number, PURPOSE)
    assert "\n" not in raised.value.message
    assert "\u202e" not in raised.value.message


@pytest.mark.parametrize("url", ["", "github.com", "file:///etc/passwd", "ftp://x/", "https://"])
def test_an_address_that_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        GitHub(api_url=url, graphql_url="https://x/graphql", token="t")
