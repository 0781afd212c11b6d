"""`disable` against the org double: what it leaves live, who may, and how little it asks."""

import json
import time

import pytest
from tests.doubles.double import Double
from tests.doubles.server import Reply, Request, json_reply
from tests.support.deploying import Desk, Run, release
from tests.support.raw_server import RawServer, each_byte

from wavegate.kill_switch import authorize

OWNED = "owners: {killSwitch: ['@on-call', '@acme/sre']}\n"
ASKED = ("disable", "uat", "--reason", "It promises refunds")


def live(desk: Desk) -> int | None:
    return desk.org.records.bots["Support_Agent"].active


@pytest.mark.parametrize(
    ("more", "version", "words"),
    [
        ((), None, "inactive, nobody can use it"),
        (("--to-previous",), 2, "version 2"),
        (("--to-version", "1"), 1, "version 1"),
    ],
)
def test_it_takes_three_requests_and_says_what_is_live(
    desk: Desk, run: Run, more: tuple[str, ...], version: int | None, words: str
) -> None:
    done = run(*ASKED, *more)
    assert (done.code, done.outputs["result"]) == (0, "disabled"), done.log
    assert live(desk) == version
    assert json.loads(done.outputs["agents"]) == {"Support_Agent": version}
    assert len(desk.org.routes) == 3
    assert words in done.log
    assert f"| {'stopped' if version is None else f'version {version}'} | version 3 |" in done.summary
    assert "It promises refunds" in done.summary


@pytest.mark.parametrize("more", [(), ("--to-previous",), ("--to-version", "1")])
def test_again_it_changes_nothing(desk: Desk, run: Run, more: tuple[str, ...]) -> None:
    run(*ASKED, *more)
    before = live(desk)
    desk.org.routes.clear()
    done = run(*ASKED, *more)
    assert (done.code, done.outputs["result"]) == (0, "unchanged")
    assert live(desk) == before
    assert len(desk.org.routes) == 1


def test_with_an_auth_url_it_takes_four_requests(desk: Desk, run: Run) -> None:
    desk.extra = {"SF_ACCESS_TOKEN": "", "SF_AUTH_URL": desk.org.login.auth_url(desk.org.url)}
    assert run(*ASKED).code == 0
    assert len(desk.org.routes) == 4
    assert live(desk) is None


@pytest.mark.parametrize(
    ("fault", "words"), [(0, "Still on: Sales_Agent v1"), (503, "Still on: unknown, because the org did not say")]
)
def test_the_agents_that_are_still_on_are_read_after_the_stop(desk: Desk, run: Run, fault: int, words: str) -> None:
    desk.org.records.add_bot("Sales_Agent", versions=1, active=1)
    desk.org.records.add_bot("Off_Agent", versions=1, active=None)
    files = release(pinned=3)
    agents = "agents: [{name: Sales_Agent}, {name: Off_Agent}, "
    files["agentforce/release.yml"] = files["agentforce/release.yml"].replace("agents: [", agents)
    desk.write(files)
    if fault:
        # the stop itself needs two queries
        desk.org.faults.add("GET .*/query", skip=2, times=0, status=fault)
    done = run(*ASKED, "--agent", "Support_Agent")
    assert (done.code, live(desk)) == (0, None), done.log
    assert words in done.log
    assert "Off_Agent" not in done.log


def test_an_answer_that_is_lost_after_the_agent_was_stopped_is_asked_for_again(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/activation", when="after", drop=True)
    done = run(*ASKED)
    assert (done.code, done.outputs["result"]) == (0, "disabled")
    assert live(desk) is None


def test_an_agent_that_the_org_does_not_stop_is_an_error(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/activation", times=0, status=200, body={"success": True, "isActivated": False})
    done = run(*ASKED)
    assert (done.code, done.outputs["result"]) == (4, "failed")
    assert "not as requested" in done.summary


@pytest.mark.parametrize("status", [401, 403, 503])
def test_an_org_that_goes_away_after_the_switch_is_reported_as_that(desk: Desk, run: Run, status: int) -> None:
    desk.org.faults.add("GET .*/query", skip=1, times=0, status=status)
    done = run(*ASKED)
    assert done.code == 4
    assert "The kill switch was pulled, but the live versions cannot be read back" in done.log
    assert live(desk) is None


def test_one_agent_that_fails_does_not_keep_the_others_on(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Sales_Agent", versions=1, active=1)
    refused = [{"errorCode": "LOCKED", "message": "locked"}]
    desk.org.faults.add("POST .*/activation", status=400, body=refused)
    done = run(*ASKED, "--agent", "Support_Agent", "--agent", "Sales_Agent")
    # something was done, so it is not wrong input
    assert (done.code, done.outputs["result"]) == (4, "failed")
    assert "The kill switch was pulled only in part" in done.log
    assert desk.org.records.bots["Sales_Agent"].active is None


def test_if_every_agent_is_refused_nothing_was_done(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Sales_Agent", versions=1, active=1)
    refused = [{"errorCode": "LOCKED", "message": "locked"}]
    desk.org.faults.add("POST .*/activation", times=0, status=400, body=refused)
    done = run(*ASKED, "--agent", "Support_Agent", "--agent", "Sales_Agent")
    assert (done.code, done.outputs["result"]) == (2, "failed")
    assert live(desk) == 3


@pytest.mark.parametrize("more", [(), ("--to-previous",)])
def test_an_agent_that_the_org_lacks_does_not_keep_the_others_on(desk: Desk, run: Run, more: tuple[str, ...]) -> None:
    asked = (*ASKED, "--agent", "Gone_Agent", "--agent", "Support_Agent", *more)
    done = run(*asked)
    assert (done.code, done.outputs["result"]) == (4, "failed")
    assert live(desk) == (2 if more else None)
    assert "no agent named Gone_Agent" in done.log
    assert "Gone&#95;Agent</code> | ⚠️ not in the org |" in done.summary
    assert run(*asked).code == 2


@pytest.mark.parametrize(
    ("procedures", "result", "version"),
    [
        ("agents: {strategy: disable}", "disabled", None),
        ("flows: {strategy: disable}", "disabled", None),
        ("agents: {strategy: activate-previous}", "disabled", 2),
        ("flows: {strategy: activate-previous}, prompts: {strategy: restore}", "not-configured", 3),
    ],
)
def test_by_policy_it_does_what_the_manifest_asks_for_whoever_started_the_run(
    desk: Desk, run: Run, procedures: str, result: str, version: int | None
) -> None:
    desk.write(release(pinned=3, more=f"{OWNED}rollback: {{{procedures}}}\n"))
    desk.extra["GITHUB_ACTOR"] = "eve"
    done = run(*ASKED, "--by-policy")
    assert (done.code, done.outputs["result"]) == (0, result), done.log
    assert live(desk) == version


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("disable", "uat", "--reason", "  "), "There is no reason."),
        (("disable", "uat"), "There is no reason."),
        ((*ASKED, "--agent", "Nobody"), "no agent named Nobody"),
        ((*ASKED, "--to-version", "9"), "it has 1, 2, 3"),
        ((*ASKED, "--to-previous", "--to-version", "1"), "exclude each other"),
        ((*ASKED, "--to-previous", "--by-policy"), "exclude each other"),
        (("disable", "moon", "--reason", "x"), "no environment moon"),
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_changes(
    desk: Desk, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert said in done.log
    assert live(desk) == 3


def test_without_an_earlier_version_it_says_to_turn_the_agent_off(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=1))
    done = run(*ASKED, "--to-previous")
    assert done.code == 2
    assert "Omit --to-previous to disable the agent" in done.log


class Teams(Double):
    """The one resource of GitHub that tells who is in a team."""

    def __init__(self, members: set[str]) -> None:
        super().__init__()
        self.members = members

    def name(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request) -> Reply:
        prefix, _, user = request.path.rpartition("/")
        if prefix != "/orgs/acme/teams/sre/memberships" or user not in self.members:
            return json_reply(404, {"message": "Not Found"})
        return json_reply(200, {"url": request.path, "role": "member", "state": "active"})


@pytest.mark.parametrize(
    ("actor", "members", "fault", "code", "said"),
    [
        ("On-Call", set(), None, 0, "named under owners.killSwitch"),
        ("ann", {"ann"}, None, 0, "member of @acme/sre"),
        ("eve", {"ann"}, None, 2, "@eve may not use the kill switch"),
        (
            "ann",
            set(),
            {"status": 403, "body": {"message": "Resource not accessible by integration"}},
            0,
            "was not verified",
        ),
        ("ann", set(), {"status": 503, "times": 0}, 0, "was not verified"),
        ("ann", set(), {"drop": True, "times": 0}, 0, "was not verified"),
        ("", set(), None, 0, "was not verified"),
    ],
)
def test_the_manifests_owners_may_and_an_outage_of_github_keeps_nobody_from_it(
    desk: Desk, run: Run, actor: str, members: set[str], fault: dict[str, object] | None, code: int, said: str
) -> None:
    desk.write(release(pinned=3, more=OWNED))
    with Teams(members) as github:
        if fault:
            github.faults.add("GET", **fault)  # type: ignore[arg-type]
        desk.extra = {"GITHUB_TRIGGERING_ACTOR": actor, "GITHUB_TEAMS_TOKEN": "ghs_x", "GITHUB_API_URL": github.url}
        done = run(*ASKED)
    assert done.code == code, done.log
    assert said in done.log
    assert live(desk) == (None if code == 0 else 3)


@pytest.mark.parametrize("drip", ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_github_that_drips_keeps_nobody_from_it(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch, drip: str
) -> None:
    monkeypatch.setattr(authorize, "GITHUB_SECONDS", 0.5)
    desk.write(release(pinned=3, more=OWNED))
    with RawServer(lambda: each_byte(drip.encode(), b"0"), pace=0.05) as github:
        desk.extra = {"GITHUB_TRIGGERING_ACTOR": "ann", "GITHUB_TEAMS_TOKEN": "ghs_x", "GITHUB_API_URL": github.url}
        started = time.monotonic()
        done = run(*ASKED)
    assert time.monotonic() - started < 4
    assert done.code == 0, done.log
    assert "did not answer in time" in done.log
    assert live(desk) is None


def test_who_runs_a_run_again_is_who_acts(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=3, more="owners: {killSwitch: ['@on-call']}\n"))
    desk.extra = {"GITHUB_ACTOR": "on-call", "GITHUB_TRIGGERING_ACTOR": "eve"}
    assert run(*ASKED).code == 2
    assert live(desk) == 3
