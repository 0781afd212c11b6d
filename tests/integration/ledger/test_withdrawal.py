"""A rollback is withdrawn by closing its pull request, and recorded once, wherever the recording is interrupted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.doubles.github.github import GitHubDouble
from tests.doubles.github.state import Status

from wavegate.errors import ServiceError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import read_acts, write_act
from wavegate.ledger.acts.withdrawal import Withdrawal, find_withdrawal, record_withdrawal
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.reader import read_commit

EARLIER = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
BY_BO = Withdrawal(actor="bo", time=EARLIER + timedelta(minutes=30), reason="The data was wrong, not the agent.")


class Ledger:
    """A bad release that was live, was rolled back by a pull request, and was replaced by a fix in the meantime."""

    def __init__(self, double: GitHubDouble) -> None:
        self.double = double
        self.repository = double.repository
        self.github = GitHub(
            api_url=double.api_url, graphql_url=double.graphql_url, token=double.token, sleep=lambda _: None
        )
        self.bad = double.seed({"a": b"bad"}, "Bad")
        self.number = self._open_pull()
        self.page = f"{double.server_url}/{self.repository}/pull/{self.number}"
        payload = {"schema": 1, "release": "wave-3", "manifest": "agentforce/release.yml", "content": "b" * 64}
        self.deploy(self.bad, payload, ("success", "failure"))
        self.fix = double.seed({"a": b"fix"}, "Fix")
        self.deploy(self.fix, {**payload, "release": "wave-3.1", "content": "c" * 64}, ("success",))
        act = Act(
            kind=ActKind.ROLLBACK,
            time=EARLIER,
            actor="ada",
            reason="Wrong answers",
            manifest="agentforce/release.yml",
            release=ReleaseId(name="wave-3", commit=self.bad, content="b" * 64),
            target=ReleaseId(name="wave-2", commit="a" * 40, content="a" * 64),
            page=self.page,
            number=self.number,
            incident="INC-1",
        )
        write_act(self.github, self.repository, "production", act, commit=self.bad, known=())

    def _open_pull(self) -> int:
        branch = "wavegate/rollback/x"
        head = self.double.seed({"b": b"good"}, "Roll back", branch=branch)
        pull = self.double.open_pull(
            head, number=1, head=branch, base_sha=self.bad, creator="ada", created_at=EARLIER
        )
        return pull.number

    def deploy(self, commit: str, payload: dict[str, object], statuses: tuple[str, ...]) -> None:
        number = self.double.deploy("production", commit, payload=payload, statuses=(), created_at=EARLIER)
        made = next(each for each in self.double.deployments if each.id == number)
        made.statuses += [
            Status(
                id=self.double.state.next_id(),
                state=state,
                creator="ada",
                created_at=EARLIER,
                log_url=self.page if state == "failure" else "",
            )
            for state in statuses
        ]

    def acts(self) -> tuple[Act, ...]:
        return read_acts(self.github, self.repository, "production")

    def rollback(self) -> Act | None:
        return holds_of(self.acts()).rollback

    def open_rollback(self) -> Act:
        rollback = self.rollback()
        assert rollback
        return rollback

    def record(self) -> None:
        record_withdrawal(self.github, self.repository, "production", self.open_rollback(), BY_BO, acts=self.acts())

    def deployment(self) -> Deployment:
        (found,) = read_commit(self.github, self.repository, self.bad)
        return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with GitHubDouble(tmp_path / "github") as double:
        yield Ledger(double)


def find(ledger: Ledger) -> Withdrawal | None:
    return find_withdrawal(ledger.github, ledger.repository, ledger.open_rollback())


def test_an_open_or_merged_pull_request_withdraws_nothing(ledger: Ledger) -> None:
    assert find(ledger) is None
    ledger.double.merge(ledger.number)
    assert find(ledger) is None


def test_closing_the_pull_request_withdraws_the_rollback_for_who_closed_it(ledger: Ledger) -> None:
    ledger.double.close(ledger.number, login="bo")
    found = find(ledger)
    assert found
    assert (found.actor, found.reason) == ("bo", "closed pull request #1 without merging it")
    assert found.time.tzinfo
    # before somebody recorded it, a reopened one is open again
    ledger.double.state.issues[0].change_state("open", login="bo", now=EARLIER)
    assert find(ledger) is None


def test_a_token_that_may_not_read_the_pull_request_leaves_the_rollback_open(ledger: Ledger) -> None:
    ledger.double.close(ledger.number)
    rollback = ledger.open_rollback()
    for scope in ("issues", "pull-requests"):
        ledger.double.permit(scope, "none")
    assert find_withdrawal(ledger.github, ledger.repository, rollback) is None


def test_a_rollback_without_a_pull_request_costs_no_request(ledger: Ledger) -> None:
    local = Act(kind=ActKind.ROLLBACK, time=EARLIER, actor="ada", reason="")
    before = len(ledger.double.routes)
    assert find_withdrawal(ledger.github, ledger.repository, local) is None
    assert len(ledger.double.routes) == before


def assert_withdrawn(ledger: Ledger) -> None:
    act, rollback = ledger.acts()
    assert (act.kind, act.actor, act.reason) == (ActKind.ROLLBACK_WITHDRAWN, "bo", BY_BO.reason)
    assert (act.release, act.number) == (rollback.release, rollback.number)
    assert holds_of((act, rollback)).rollback_of("b" * 64) is None
    deployment = ledger.deployment()
    assert not deployment.rolled_back
    assert [each.state for each in deployment.statuses].count(State.SUCCESS) == 2
    assert "withdrawn by bo" in deployment.statuses[-1].description
    # the release that is live now stays the one that GitHub shows as active
    (live,) = read_commit(ledger.github, ledger.repository, ledger.fix)
    assert live.state == "success"


def test_a_withdrawn_release_may_go_live_again(ledger: Ledger) -> None:
    assert ledger.deployment().rolled_back
    assert holds_of(ledger.acts()).rollback_of("b" * 64)
    ledger.record()
    assert_withdrawn(ledger)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("request_", range(5))
def test_an_interrupted_record_is_completed_by_the_next_one(ledger: Ledger, request_: int, when: str) -> None:
    """Every request, as a process that is killed there leaves it."""
    rollback, acts = ledger.open_rollback(), ledger.acts()
    ledger.double.faults.add(".*", skip=request_, times=99, drop=True, when=when)
    with pytest.raises(ServiceError):
        record_withdrawal(ledger.github, ledger.repository, "production", rollback, BY_BO, acts=acts)
    ledger.double.faults.clear()
    if ledger.rollback():
        ledger.record()
    assert_withdrawn(ledger)
