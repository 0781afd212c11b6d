"""Lists that go on for ever, lead back to themselves or to another host: one clear error, never silence."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import pytest
from tests.doubles.server import Reply, Request, Server, json_reply

from wavegate.errors import ServiceError
from wavegate.github import client as github_client
from wavegate.github.client import GitHub
from wavegate.github.comments import keep_comment
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.ledger.reader import read_commit, read_ledger
from wavegate.salesforce import org as salesforce_org
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.org import Org, Session

MAX_PAGES = 7
PURPOSE = Purpose(doing="read the list", permission="contents: read")


class Number(msgspec.Struct):
    number: int


class Pages:
    """A server of pages; asked: how many were read."""

    def __init__(self) -> None:
        self.make: Callable[[int], Reply] = lambda _: json_reply(200, {})
        self._numbers = count(1)
        self.asked = 0
        self.server = Server(self.answer)

    def answer(self, _: Request) -> Reply:
        self.asked = next(self._numbers)
        return self.make(self.asked)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pages]:
    monkeypatch.setattr(github_client, "MAX_PAGES", MAX_PAGES)
    monkeypatch.setattr(salesforce_org, "MAX_PAGES", MAX_PAGES)
    made = Pages()
    made.server.start()
    yield made
    made.server.stop()


@pytest.fixture
def github(pages: Pages) -> GitHub:
    return GitHub(api_url=pages.server.url, graphql_url=f"{pages.server.url}/graphql", token="t")


@pytest.fixture
def org(pages: Pages) -> Org:
    return Org(Session(instance_url=pages.server.url, access_token="t"))


@pytest.mark.parametrize(
    ("link", "asked"),
    [('<?page={next}>; rel="next"', MAX_PAGES), ('<?page=2>; rel="next"', 2), ('<>; rel="next"', 1)],
)
def test_pages_of_github_end(pages: Pages, github: GitHub, link: str, asked: int) -> None:
    pages.make = lambda page: json_reply(200, {"number": page}, {"Link": link.format(next=page + 1)})
    with pytest.raises(ServiceError, match=r"more than 7 pages|leads back"):
        list(github.pages("/x", Number, PURPOSE))
    assert pages.asked == asked


def test_a_list_as_long_as_the_limit_is_read_whole(pages: Pages, github: GitHub) -> None:
    pages.make = lambda page: json_reply(
        200, {"number": page}, {"Link": f'<?page={page + 1}>; rel="next"'} if page < MAX_PAGES else {}
    )
    assert [page.number for page in github.pages("/x", Number, PURPOSE)] == list(range(1, MAX_PAGES + 1))


def _ledger(info: object) -> object:
    head = {"name": "main", "target": {"oid": "1" * 40}}
    found = {"pageInfo": info, "nodes": []}
    return {"viewer": {"login": "x"}, "repository": {"defaultBranchRef": head, "ref": head, "deployments": found}}


def _commit(info: object) -> object:
    return {"repository": {"object": {"deployments": {"pageInfo": info, "nodes": []}}}}


def _comments(info: object) -> object:
    return {"repository": {"pullRequest": {"comments": {"pageInfo": info, "nodes": []}}}}


SECTION = ManagedSection(key="x", text="y")
LISTS: dict[str, tuple[Callable[[object], object], Callable[[GitHub], object]]] = {
    "ledger": (_ledger, lambda github: list(read_ledger(github, "o/r", "production"))),
    "commit": (_commit, lambda github: read_commit(github, "o/r", "1" * 40)),
    "comments": (_comments, lambda github: keep_comment(github, "o/r", 1, SECTION)),
}


@pytest.mark.parametrize(("data", "read"), LISTS.values(), ids=LISTS.keys())
@pytest.mark.parametrize(
    ("cursor", "asked"), [(str, MAX_PAGES), (lambda _: "same", 2), (lambda _: None, 1)], ids=["new", "same", "none"]
)
def test_lists_of_graphql_end(
    pages: Pages,
    github: GitHub,
    data: Callable[[object], object],
    read: Callable[[GitHub], object],
    cursor: Callable[[int], object],
    asked: int,
) -> None:
    pages.make = lambda page: json_reply(200, {"data": data({"hasNextPage": True, "endCursor": cursor(page)})})
    with pytest.raises(ServiceError, match=r"more than 7 pages|leads back"):
        read(github)
    assert pages.asked == asked


NEXT = "/services/data/v66.0/query/01g-"
RESULTS: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "endless": (lambda page: {"done": False, "nextRecordsUrl": f"{NEXT}{page}"}, MAX_PAGES + 1),
    "same": (lambda _: {"done": False, "nextRecordsUrl": NEXT}, 2),
    "no address": (lambda _: {"done": False}, 1),
    "null address": (lambda _: {"done": False, "nextRecordsUrl": None}, 1),
    "other host": (lambda _: {"done": False, "nextRecordsUrl": "https://evil.example/services/data/x"}, 1),
    "other path": (lambda _: {"done": False, "nextRecordsUrl": "@evil.example/"}, 1),
    "done as text": (lambda _: {"done": "false"}, 1),
    "done as null": (lambda _: {"done": None}, 1),
}


@pytest.mark.parametrize(("result", "asked"), RESULTS.values(), ids=RESULTS.keys())
def test_results_of_a_query_end(pages: Pages, org: Org, result: Callable[[int], dict[str, Any]], asked: int) -> None:
    pages.make = lambda page: json_reply(200, {"records": [{"Id": "1"}], **result(page)})
    with pytest.raises(ServiceError, match=r"never ends|no address"):
        org.query("SELECT Id FROM User")
    assert pages.asked == asked


def version(number: int) -> dict[str, object]:
    return {"Id": f"0X9{number}", "VersionNumber": number, "Status": "Active" if number == 3 else "Inactive"}


def agents(page: int, **more: object) -> Reply:
    """An agent whose versions go on: page 1 is the query's result, the others are those of its subquery."""
    versions = {"records": [version(page)], **more}
    agent = {"Id": "0Xx", "DeveloperName": "Support", "BotVersions": versions}
    return json_reply(200, {"records": [agent], "done": True} if page == 1 else versions)


def test_versions_of_an_agent_that_do_not_fit_into_the_result_are_read_too(pages: Pages, org: Org) -> None:
    pages.make = lambda page: agents(page, done=page == 3, nextRecordsUrl=f"{NEXT}{page}")
    (agent,) = find_agents(org, ["Support"])
    assert ([each.number for each in agent.versions], agent.live) == ([1, 2, 3], 3)


@pytest.mark.parametrize("number", [b"1e999", b"Infinity", b"NaN", b"null", b'"x"', b"[]"])
def test_a_version_that_is_not_a_number_is_one_clear_error(pages: Pages, org: Org, number: bytes) -> None:
    body = b'{"records": [{"Id": "1", "DeveloperName": "A", "BotVersions": {"records": [%b]}}]}'
    record = b'{"Id": "2", "Status": "Active", "VersionNumber": %b}' % number
    pages.make = lambda _: Reply(status=200, body=body % record)
    with pytest.raises(ServiceError):
        find_agents(org, ["A"])


def test_an_api_version_of_any_length_is_one_clear_error(pages: Pages, org: Org) -> None:
    pages.make = lambda _: Reply(status=200, body=b'[{"version": 1%b}]' % (b"0" * 400))
    with pytest.raises(ServiceError):
        org.newest_api_version()


def test_versions_of_an_agent_end(pages: Pages, org: Org) -> None:
    pages.make = lambda page: agents(page, done=False, nextRecordsUrl=NEXT)
    with pytest.raises(ServiceError, match=r"never ends"):
        find_agents(org, ["Support"])
