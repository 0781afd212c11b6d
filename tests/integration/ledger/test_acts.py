"""An act is written exactly once, whatever is lost, and a reader gets it in one request."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble

from wavegate.errors import InputError, ServiceError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import ACT_TASK, Act, ActKind, ReleaseId, act_payload
from wavegate.ledger.acts.record import complete_act, read_acts, write_act
from wavegate.ledger.reader import read_newest

REPOSITORY = "acme/support-agents"
MARK = "POST /graphql#CreateDeploymentStatus"
CREATE = "POST .*/deployments$"


class Ledger:
    """The ledger of uat on the double."""

    def __init__(self, double: GitHubDouble) -> None:
        self.double = double
        self.commit = double.seed({"README.md": b"x"})
        release = ReleaseId(name="wave-3", commit=self.commit, content="c" * 64)
        self.stop = Act(
            kind=ActKind.STOP,
            time=datetime(2026, 3, 1, 3, 12, tzinfo=UTC),
            actor="ada",
            reason="It promises refunds",
            manifest="agentforce/release.yml",
            release=release,
            agents={"Support_Agent": None},
        )

    def client(self) -> GitHub:
        double = self.double
        return GitHub(
            api_url=double.api_url, graphql_url=double.graphql_url, token=double.token, sleep=lambda _: None
        )

    def read(self) -> tuple[Act, ...]:
        return read_acts(self.client(), REPOSITORY, "uat")

    def write(self, act: Act, *, known: tuple[Act, ...], just_read: bool = False) -> bool:
        return write_act(self.client(), REPOSITORY, "uat", act, commit=self.commit, known=known, just_read=just_read)

    def states(self) -> list[list[str]]:
        entries = [each for each in self.double.deployments if each.task == ACT_TASK]
        return [[status.state for status in each.statuses] for each in entries]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with GitHubDouble(tmp_path / "github") as double:
        yield Ledger(double)


def test_an_act_that_nobody_could_read_back_is_refused_and_not_written(ledger: Ledger) -> None:
    many = replace(ledger.stop, agents={f"Agent_{number}": None for number in range(501)})
    with pytest.raises(InputError, match="The stop in uat is not recorded: nobody could read it back") as caught:
        ledger.write(many, known=())
    assert "at most 500 agents" in caught.value.fix
    assert (ledger.states(), ledger.double.routes) == ([], [])


def test_an_act_is_read_as_it_was_written_and_never_as_a_release(ledger: Ledger) -> None:
    ledger.double.deploy("uat", ledger.commit, payload={"schema": 1, "release": "wave-3", "manifest": "m.yml"})
    assert ledger.write(ledger.stop, known=())
    (found,) = ledger.read()
    assert found.id
    assert replace(found, id="") == ledger.stop
    # in other environments, nothing was done
    assert read_acts(ledger.client(), REPOSITORY, "production") == ()
    newest = read_newest(ledger.client(), REPOSITORY, ["uat"])["uat"]
    assert [each.title for each in newest.deployments] == ["wave-3"]
    assert ledger.double.deployments[0].state == "success"


def test_acts_are_read_newest_first_in_one_request_for_a_hundred(ledger: Ledger) -> None:
    for number in range(101):
        act = replace(ledger.stop, reason=f"{number}")
        ledger.double.deploy("uat", ledger.commit, payload=act_payload(act), task=ACT_TASK, statuses=("inactive",))
    # malformed ones, and those of other tasks, are no acts
    ledger.double.deploy("uat", ledger.commit, payload={"schema": 1, "kind": "stop"}, task=ACT_TASK)
    ledger.double.deploy("uat", ledger.commit, payload=act_payload(ledger.stop), task="deploy")
    assert [each.reason for each in ledger.read()] == [f"{number}" for number in reversed(range(101))]
    assert len(ledger.double.routes) == 2


@pytest.mark.parametrize("just_read", [False, True])
def test_written_again_it_stays_a_single_act(ledger: Ledger, *, just_read: bool) -> None:
    assert ledger.write(ledger.stop, known=(), just_read=just_read)
    # with itself among those that were read, and later
    later = replace(ledger.stop, time=datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert not ledger.write(later, known=ledger.read(), just_read=just_read)
    # with those of the time before it
    assert not ledger.write(later, known=())
    assert ledger.states() == [["inactive"]]


def test_equal_acts_in_a_row_are_two_if_another_is_between_them(ledger: Ledger) -> None:
    restart = replace(ledger.stop, kind=ActKind.RESTART, agents={"Support_Agent": 3})
    for act in (ledger.stop, restart, ledger.stop, restart):
        assert ledger.write(act, known=ledger.read())
        assert not ledger.write(act, known=ledger.read())
    assert [each.kind for each in ledger.read()] == [ActKind.RESTART, ActKind.STOP] * 2
    newest, *_, oldest = ledger.read()
    assert oldest.after == ""
    assert newest.after == ledger.read()[1].id


def test_two_acts_that_differ_in_one_thing_are_two(ledger: Ledger) -> None:
    others = [
        replace(ledger.stop, reason="Another"),
        replace(ledger.stop, actor="bo"),
        replace(ledger.stop, agents={"Support_Agent": 2}),
        replace(ledger.stop, run="https://github.com/acme/support-agents/actions/runs/2/attempts/1"),
        replace(ledger.stop, target=ledger.stop.release),
    ]
    for act in (ledger.stop, *others):
        assert ledger.write(act, known=())
    assert len(ledger.read()) == 1 + len(others)


@pytest.mark.parametrize("just_read", [False, True])
@pytest.mark.parametrize("route", ["GET .*/deployments", CREATE, MARK])
@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 502}, {"malformed": True}])
def test_a_lost_answer_leaves_a_single_act(
    ledger: Ledger, route: str, fault: dict[str, object], *, just_read: bool
) -> None:
    ledger.double.faults.add(route, when="after", **fault)  # type: ignore[arg-type]
    ledger.write(ledger.stop, known=(), just_read=just_read)
    assert ledger.states() == [["inactive"]]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("just_read", "k"), [(False, 1), (False, 2), (False, 3), (True, 1), (True, 2)])
def test_interrupted_at_any_request_and_written_again(ledger: Ledger, k: int, when: str, *, just_read: bool) -> None:
    # from its k-th request on, the first process gets no answer any more
    ledger.double.faults.add(".", skip=k - 1, when=when, drop=True)
    ledger.double.faults.add(".", skip=k - 1, times=0, drop=True)
    with pytest.raises(ServiceError):
        ledger.write(ledger.stop, known=(), just_read=just_read)
    ledger.double.faults.clear()
    ledger.write(ledger.stop, known=ledger.read(), just_read=just_read)
    assert ledger.states() == [["inactive"]]


def test_an_act_without_a_status_gets_one(ledger: Ledger) -> None:
    ledger.double.faults.add(MARK, times=0, status=503)
    with pytest.raises(ServiceError):
        ledger.write(ledger.stop, known=())
    ledger.double.faults.clear()
    assert ledger.states() == [[]]
    (found,) = ledger.read()
    for _ in range(2):
        complete_act(ledger.client(), found)
    assert ledger.states() == [["inactive"]]
