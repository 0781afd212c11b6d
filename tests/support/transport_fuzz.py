"""Malformed, slow and endless replies for every reader of GitHub's and Salesforce's replies, from a seed.

The doubles' own replies are recorded once and then damaged, so that most cases get past the first look at a reply.
Most are served without a socket, which costs a millisecond a case; what only a socket can do has a raw server.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, repeat
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble, Script, center_case, studio_case
from tests.doubles.salesforce.login import Login
from tests.doubles.salesforce.org import TOKEN
from tests.doubles.salesforce.state import ORG_ID
from tests.support.raw_server import RawServer, answer

from wavegate.deploy.jobs import newest_job
from wavegate.errors import WavegateError
from wavegate.github import settings
from wavegate.github.approvals import read_approvals
from wavegate.github.branches import read_branch
from wavegate.github.client import MAX_PAGES, GitHub
from wavegate.github.comments import keep_comment, pull_of_commit
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.github.pulls import read_state
from wavegate.github.teams import is_member
from wavegate.http import exchange as http_exchange
from wavegate.http import transport
from wavegate.http.transport import ATTEMPTS
from wavegate.http.values import Limits, Reply, Request
from wavegate.ledger.acts.record import read_all_acts
from wavegate.ledger.deployment import State
from wavegate.ledger.reader import read_commit, read_environments, read_ledger, read_newest
from wavegate.ledger.writer import Mark, mark
from wavegate.salesforce import rest, tokens
from wavegate.salesforce.agents import agent_names, find_agents, set_active
from wavegate.salesforce.flows import read_flows
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.permission_sets import find_users, read_permission_set
from wavegate.salesforce.preflight import check_permissions
from wavegate.salesforce.probes import may_run_tests, traced_sessions
from wavegate.salesforce.prompt_templates import read_active_templates
from wavegate.smoke.journal import SmokeJournal
from wavegate.smoke.testing import Pace, TestingApi
from wavegate.smoke.values import PlannedRun, Runner

SECRET = "s3cret-t0ken"
"""Of the clients that ask the raw server. Those of the doubles have the doubles' own."""
SECRETS = (SECRET, GitHubDouble.admin_token, TOKEN, Login().refresh_token, Login().client_secret)
"""Any of them may come back in a reply; a reader's own must not be shown then."""
RUN_PAGE = "https://github.com/acme/support-agents/actions/runs/7"
LIMITS = Limits(attempt=0.2, total=0.4, size=300_000)
_MOST_REQUESTS = 2 * MAX_PAGES * ATTEMPTS
_PURPOSE = Purpose(doing="read the reply", permission="contents: read")
_SECTION = ManagedSection(key="fuzz", text="text")
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1e308, "", "x" * 5_000, "\ud800", "\x00\x1b[31m\u202e", *SECRETS, [], {}, [[]],
    [None], {"": None}, {"message": {}}, "2026-13-45T99:99:99Z", "²", "null", "\n::error::x",
)  # fmt: skip
_STATUSES = (200, 200, 200, 201, 204, 299, 101, 301, 303, 308, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 999)
_HEADERS = {
    "link": ('</x>; rel="next"', "<http://[::1>; rel=next", '<https://evil.example/>; rel="next"', "<" * 999, "\xff"),
    "location": ("", "/", "http://[::1", "https://evil.example/", f"//{SECRET}@x/", "\xff"),
    "retry-after": ("0", "-1", "²", "9" * 400, "Wed, 21 Oct 99999 07:28:00 GMT", "1e9", ""),
    "x-ratelimit-remaining": ("0", "-0", "00", "x"),
    "x-ratelimit-reset": ("0", "9" * 400, "-5", "²", "x"),
    "content-type": ("text/html; charset=\xff", "application/json; charset=utf-16"),
}
_BODIES = (
    b"", b"null", b"[]", b"{}", b"0", b'"x"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"<html>", b"[" * 5_000, b"{" * 200,
    b'{"a":' * 99 + b"1" + b"}" * 99, b"NaN", b"1e999", b'{"x": "\\ud800"}', b"<?xml version='1.0'?><a>",
    b"<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", b'{"number": ' + b"9" * 5_000 + b"}",
    *(json.dumps({"message": each, "error": each, "error_description": f"x {each}"}).encode() for each in SECRETS),
)  # fmt: skip


def chance_of(seed: str) -> random.Random:
    """Chance that a seed repeats."""
    return random.Random(seed)  # noqa: S311 - no secret comes from it


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Something that reads replies. secrets: what it sent. replies: those that the doubles gave, in order."""

    name: str
    read: Callable[[], object]
    secrets: tuple[str, ...]
    replies: tuple[Reply, ...]


@dataclass(kw_only=True, slots=True)
class Report:
    """What went wrong, one line a case; and the number of cases by their end."""

    problems: list[str] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)

    def run(self, case: str, read: Callable[[], object], *, secrets: tuple[str, ...]) -> None:
        """Run one case: it ends with a value or with one clear error, which shows no secret."""
        try:
            read()
            end = "a value"
        except WavegateError as error:
            end = type(error).__name__
            text = error.message + error.fix
            if any(each in text for each in (*secrets, "\n", "\x1b")):
                self.problems.append(f"{case}: {text!r}")
        except Exception as error:  # noqa: BLE001 - any other one is what is looked for
            end = f"{type(error).__name__}!"
            self.problems.append(f"{case}: {type(error).__name__}: {error}")
        self.ends[end] = self.ends.get(end, 0) + 1


def _github(url: str) -> GitHub:
    return GitHub(
        api_url=url,
        graphql_url=f"{url}/graphql",
        token=SECRET,
        timeout=LIMITS.attempt,
        sleep=lambda _: None,
    )


def _org(url: str, token: str = SECRET) -> Org:
    return Org(Session(instance_url=url, access_token=token), pause=lambda _: None, limits=LIMITS)


def recorded(folder: Path) -> list[Reader]:
    """Every reader, with the doubles' replies to it. The doubles have stopped when this returns."""
    with ExitStack() as doubles:
        github = doubles.enter_context(GitHubDouble(folder))
        org = doubles.enter_context(SalesforceDouble())
        login = partial(tokens.log_in, {"SF_AUTH_URL": org.login.auth_url(org.url)})
        readers: list[tuple[str, Callable[[], object], tuple[str, ...]]] = [
            *((*each, (github.admin_token,)) for each in _github_readers(github)),
            *((*each, (org.token,)) for each in _org_readers(org, folder)),
            ("login", login, (org.login.refresh_token, org.login.client_secret)),
        ]
        return [
            Reader(name=name, read=read, secrets=secrets, replies=tuple(_record(read)))
            for name, read, secrets in readers
        ]


def _github_readers(double: GitHubDouble) -> Iterator[tuple[str, Callable[[], object]]]:
    github, repository = (
        GitHub(
            api_url=double.url, graphql_url=f"{double.url}/graphql", token=double.admin_token, sleep=lambda _: None
        ),
        double.repository,
    )
    commit = double.seed({"README.md": b"x"})
    payload = {"schema": 1, "release": "r", "manifest": "agentforce/release.yml", "content": "c" * 64, "org": ORG_ID}
    double.deploy("uat", commit, payload=payload)
    node = read_newest(github, repository, ["uat"])["uat"].deployments[0].id
    yield "deployments", lambda: read_newest(github, repository, ["uat"])
    yield "ledger", lambda: read_ledger(github, repository, "uat", base="main")
    yield "environments", lambda: read_environments(github, repository)
    yield "commit", lambda: read_commit(github, repository, commit)
    yield "acts", lambda: read_all_acts(github, repository)
    yield "branch", lambda: read_branch(github, repository, "main", base="main")
    yield "default branch", lambda: settings.repository_facts(github, repository)
    yield "actions", lambda: settings.actions_settings(github, repository)
    yield "workflow", lambda: settings.workflow_settings(github, repository)
    yield "environment settings", lambda: settings.environments(github, repository)
    yield "names", lambda: settings.repository_names(github, repository)
    yield "rules", lambda: settings.branch_rules(github, repository, "main")
    yield "pull", lambda: pull_of_commit(github, repository, commit)
    yield "comment", lambda: keep_comment(github, repository, 1, _SECTION)
    yield "state", lambda: read_state(github, repository, 1)
    yield "approvals", lambda: read_approvals(github, repository, RUN_PAGE)
    yield "member", lambda: is_member(github, "acme", "sre", "ada")
    yield "mark", lambda: mark(github, node, Mark(state=State.SUCCESS, description="live"))


def _org_readers(double: SalesforceDouble, folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    org = Org(Session(instance_url=double.url, access_token=double.token), pause=lambda _: None)
    double.records.add_bot("Support_Agent", versions=3, active=3)
    double.records.add_user("bo@acme.example", "Tier2")
    double.records.add_permission_set("Pilot")
    double.flows.add("Route_Case", versions=3, active=2)
    version = find_agents(org, ["Support_Agent"])[0].versions[0]
    double.testing.define("Pii", Script(statuses=("NEW", "COMPLETED")), cases=[center_case(1), center_case(2)])
    studio = [studio_case(1), studio_case(2)]
    double.testing.define("Tone", Script(statuses=("SUCCESS",)), runner=Runner.AGENTFORCE_STUDIO.value, cases=studio)
    yield "testing center", lambda: _smoke(org, folder, "Pii", Runner.TESTING_CENTER)
    yield "studio", lambda: _smoke(org, folder, "Tone", Runner.AGENTFORCE_STUDIO)
    yield "identity", org.identity
    yield "versions", org.newest_api_version
    yield "agents", lambda: find_agents(org, ["Support_Agent"])
    yield "agent names", lambda: agent_names(org)
    yield "activation", lambda: set_active(org, version, active=True)
    yield "flows", lambda: read_flows(org, ["Route_Case"])
    yield "permissions", lambda: check_permissions(org)
    yield "tests", lambda: may_run_tests(org)
    yield "sessions", lambda: traced_sessions(org)
    yield "templates", lambda: read_active_templates(org, ["Support_Resolution"], api_version="66.0")
    yield "users", lambda: find_users(org, groups=["Tier2"], users=["bo@acme.example"])
    yield "permission set", lambda: read_permission_set(org, "Pilot")
    yield "jobs", lambda: newest_job(org, "005000000000001AAA")


def _smoke(org: Org, folder: Path, definition: str, runner: Runner) -> object:
    """One test run, by a clock that goes on by a second whenever it is read."""
    planned = PlannedRun(suite="s", test="t", run=1, definition=definition, runner=runner)
    journal = folder / "journal"
    journal.unlink(missing_ok=True)
    clock, pace = count(), Pace(time_limit=300.0)
    with SmokeJournal(journal) as opened:
        api = TestingApi(org, opened, pace=pace, say=lambda _: None, now=lambda: next(clock), pause=lambda _: None)
        return list(api.run([planned]))


def _record(read: Callable[[], object]) -> list[Reply]:
    replies: list[Reply] = []
    real = http_exchange.exchange

    def exchange(*arguments: Any, **options: Any) -> Reply:
        replies.append(real(*arguments, **options))
        return replies[-1]

    # a refusal is a reply as well
    with patch.object(transport, "exchange", exchange), suppress(WavegateError):
        read()
    return replies


def replay(reader: Reader, chance: random.Random) -> None:
    """Serve a reader the recorded replies, one of them and all after the last one damaged."""
    target = chance.randrange(len(reader.replies)) if reader.replies else 0
    asked = 0

    def exchange(_: object, request: Request, *, seconds: float, size: int) -> Reply:  # noqa: ARG001
        nonlocal asked
        place, asked = asked, asked + 1
        if asked > _MOST_REQUESTS:
            raise AssertionError("it asks without end")
        known = reader.replies[min(place, len(reader.replies) - 1)]
        return replace(damaged(known, chance) if place >= target else known, url=request.url)

    with patch.object(transport, "exchange", exchange), patch.object(time, "sleep", lambda _: None):
        reader.read()


def damaged(reply: Reply, chance: random.Random) -> Reply:
    """A reply with one to three things wrong."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        part = chance.random()
        if part < 0.15:
            reply = replace(reply, status=chance.choice(_STATUSES))
        elif part < 0.3:
            name = chance.choice(tuple(_HEADERS))
            reply = replace(reply, headers={**reply.headers, name: chance.choice(_HEADERS[name])})
        else:
            reply = replace(reply, body=_damaged_body(reply.body, chance))
    return reply


def _damaged_body(body: bytes, chance: random.Random) -> bytes:
    way = chance.random()
    if way < 0.1:
        return chance.choice(_BODIES)
    if way < 0.3:
        return _damaged_bytes(body, chance)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _damaged_bytes(body, chance)
    return json.dumps(_damaged_value(value, chance)).encode()


def _damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return chance.randbytes(20)
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((0, 1, 1, 8, 100)))
    pieces = (b"", chance.randbytes(4), b"\xff", b"\x00", b"\r\n", data[start:end] * 3, b"9" * 400)
    middle = chance.choice((*pieces, chance.choice(SECRETS).encode()))
    return chance.choice((data[:start], data[:start] + middle + data[end:], data[start:]))


def _damaged_value(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(tuple(value))
        way = chance.random()
        if way < 0.1:
            return {name: each for name, each in value.items() if name != key}
        if way < 0.15:
            return {**value, "errors": [chance.choice(_ODD)], "hasNextPage": True}
        return {**value, key: _damaged_value(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], _damaged_value(value[place], chance), *value[place + 1 :] * chance.choice((1, 1, 3))]
    if value is False and chance.random() < 0.5:
        return True
    return chance.choice(_ODD)


# -- what only a socket can do


class _Number(msgspec.Struct):
    number: int


CLIENTS: Mapping[str, Callable[[str], object]] = {
    "GitHub": lambda url: _github(url).get("/x", _Number, _PURPOSE),
    "GitHub pages": lambda url: list(_github(url).pages("/x", _Number, _PURPOSE)),
    "GitHub mutation": lambda url: _github(url).mutate("mutation {x}", {}, _Number, _PURPOSE),
    "Salesforce": lambda url: _org(url).identity(),
    "Salesforce change": lambda url: _org(url).post("/x", {}),
    "login": lambda url: tokens.log_in({"SF_AUTH_URL": f"force://id:{SECRET}:refresh@{url.partition('//')[2]}"}),
}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_ENDLESS: tuple[tuple[bytes, bytes], ...] = (
    (b"", b""),
    (b"HTTP/1.1 200 ", b"O"),
    (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    (_HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    (_HEAD + b"Connection: close\r\n\r\n[", b"["),
    (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n", b"0"),
    (_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n", b"\x1f"),
    (_HEAD + b"Connection: close\r\n\r\n", b" " * 65_536),
)


def malformed_http(chance: random.Random) -> list[bytes]:
    """The pieces of an answer that is not quite HTTP, and then the end of the connection."""
    name = chance.choice(tuple(_HEADERS))
    value = chance.choice(_HEADERS[name])
    whole = answer(chance.choice(_STATUSES), chance.choice(_BODIES), **{name.replace("-", "_"): value})
    data = _damaged_bytes(whole, chance) if chance.random() < 0.8 else whole
    cut = chance.randrange(len(data) + 1)
    return [data[:cut], data[cut:]]


def endless_http(chance: random.Random) -> Iterable[bytes]:
    """The pieces of an answer that never ends."""
    start, then = chance.choice(_ENDLESS)
    yield start[: chance.randrange(len(start) + 1)] if chance.random() < 0.3 else start
    yield from repeat(then)


@contextmanager
def quick() -> Iterator[None]:
    """Without pauses between attempts, and with short limits."""
    with (
        patch.object(tokens, "LIMITS", LIMITS),
        patch.object(rest, "PATIENCE", 0.0),
        patch.object(tokens, "PATIENCE", 0.0),
        patch.object(transport, "BACKOFF", 0.0),
    ):
        yield


def ask(name: str, pieces: Callable[[], Iterable[bytes]], *, pace: float = 0.0) -> None:
    """Have a client ask a server that answers with these pieces. It returns or raises as soon as the client does."""
    with RawServer(pieces, pace=pace) as server:
        CLIENTS[name](server.url)
