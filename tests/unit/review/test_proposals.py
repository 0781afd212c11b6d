"""What follows from what happened: each rule by an example, and nothing without a reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.support.canary_looks import look
from tests.support.decisions import decision

from wavegate.canary.values import CanaryVerdict
from wavegate.gate.decision import Verdict
from wavegate.ledger.trail.values import EntryKind, TrailEntry
from wavegate.release.manifest import Environment, Journey, Manifest, Owners, PackGate, Role
from wavegate.release.pack import Criteria, Pack, PackTest, Waiver
from wavegate.report.values import DecisionFile
from wavegate.review.happened import LedgerPeriod
from wavegate.review.period import ReviewPeriod
from wavegate.review.proposals import MAX_PROPOSALS, ProposalBasis, proposals
from wavegate.review.values import ProposedTask, Stratum, TopicChange, Transcripts

START = datetime(2026, 3, 2, tzinfo=UTC)
PERIOD = ReviewPeriod(since=START, until=START + timedelta(days=7), due=START + timedelta(days=14))
DUE = date(2026, 3, 16)
MANIFEST = Manifest(
    release="wave-4",
    environments=(Environment(name="production", org="production", verify=PackGate()),),
    owners=Owners(release=("@acme/agents",), escalations=("@acme/tier2",), kill_switch=("@acme/sre",)),
    review_owner="@acme/review",
)


def entry(kind: EntryKind, day: float, **values: Any) -> TrailEntry:
    given = {"id": f"{kind}{day}", "environment": "production", "content": "a" * 64, "release": "wave-4"} | values
    return TrailEntry(kind=kind, time=START + timedelta(days=day), **given)


def made(*entries: TrailEntry, **values: Any) -> tuple[ProposedTask, ...]:
    newest_first = tuple(sorted(entries, key=lambda each: each.time, reverse=True))
    ledger = LedgerPeriod(environment="production", period=PERIOD, records=(), entries=newest_first)
    given: dict[str, Any] = {
        "manifest": MANIFEST,
        "packs": (),
        "decisions": (),
        "transcripts": Transcripts(),
        "unchanged": {},
        "due": DUE,
    }
    return proposals(ProposalBasis(ledger=ledger, **given | values))


def pack(*names: str, waivers: tuple[Waiver, ...] = ()) -> Pack:
    tests = tuple(PackTest(name=each) for each in names)
    return Pack(suite="s", tests=tests, criteria=Criteria(minimum_success_rate=0.9), waivers=waivers, path="p.json")


def file(found: Any) -> DecisionFile:
    return DecisionFile(path="d.json", digest="0" * 64, decision=found)


def test_a_quiet_period_asks_for_nothing() -> None:
    assert made(entry(EntryKind.PROMOTION, 1, outcome="live"), packs=(pack("a"),)) == ()


def test_an_incident_that_no_test_noticed_is_one_task_for_the_release() -> None:
    rolled_back = entry(EntryKind.ROLLBACK, 2, page="https://x/pull/7", target="wave-3")
    (found,) = made(entry(EntryKind.STOP, 1, agents={"A": None}), rolled_back)
    assert "wavegate capture PATH --environment production" in found.text
    assert (found.owner, found.due) == ("@acme/agents", DUE)
    assert made(entry(EntryKind.STOP, -1)) == ()
    other = entry(EntryKind.STOP, 3, content="b" * 64)
    assert len({each.key for each in made(entry(EntryKind.STOP, 1), other)}) == 2


@pytest.mark.parametrize(
    ("kind", "day", "values", "noticed"),
    [
        (EntryKind.VERIFICATION, 0.5, {"outcome": "fail"}, True),
        (EntryKind.GATE, -3, {"outcome": "fail"}, True),
        (EntryKind.GATE, 0.5, {"outcome": "pass"}, False),
        (EntryKind.GATE, 0.5, {"outcome": "inconclusive"}, False),
        (EntryKind.VERIFICATION, 1.5, {"outcome": "fail"}, False),
        (EntryKind.VERIFICATION, 0.5, {"outcome": "fail", "content": "b" * 64}, False),
        (EntryKind.VERIFICATION, 0.5, {"outcome": "fail", "content": ""}, False),
    ],
)
def test_a_test_noticed_it_only_if_it_failed_this_content_before(
    kind: EntryKind, day: float, values: dict[str, Any], noticed: bool
) -> None:
    found = made(entry(EntryKind.STOP, 1), entry(kind, day, **values))
    assert (found == ()) is noticed


def test_an_incident_of_unknown_content_is_never_taken_for_noticed() -> None:
    assert made(entry(EntryKind.STOP, 1, content=""), entry(EntryKind.GATE, 0.5, content="", outcome="fail"))


def test_waived_and_flaky_tests_are_named_with_their_numbers() -> None:
    gate = decision()
    row, waiver = gate.tests[0], gate.waivers[0]
    rows = (
        msgspec.structs.replace(row, test="waived", waived=True, passed=0, failed=4),
        msgspec.structs.replace(row, test="flaky", passed=18, failed=2),
        msgspec.structs.replace(row, test="red", passed=0, failed=4),
        msgspec.structs.replace(row, test="green", passed=4, failed=0),
    )
    waivers = (msgspec.structs.replace(waiver, suite=row.suite, test="waived", owner="@acme/qa"),)
    settled = msgspec.structs.replace(gate.criteria[0], verdict=Verdict.PASS)
    gate = msgspec.structs.replace(gate, tests=rows, waivers=waivers, criteria=(settled,))
    first, second = made(decisions=(file(gate), file(gate)))
    assert first.text == "`waived` failed 4 of 4 runs and is waived: fix what it found, or the test."
    assert first.owner == "@acme/qa"
    assert second.text == "`flaky` is flaky: it failed 2 of 20 runs. Make the agent reliable there."
    assert second.page == gate.run


def test_a_waiver_that_ends_before_the_next_review_is_due_on_its_last_day() -> None:
    ends = Waiver(test="a", reason="r", owner="@acme/qa", expires=date(2026, 3, 12))
    later = replace(ends, test="b", expires=date(2026, 3, 17))
    (found,) = made(packs=(pack("a", "b", waivers=(ends, later)),))
    assert (found.owner, found.due) == ("@acme/qa", date(2026, 3, 12))
    assert "ends on 2026-03-12" in found.text


def test_a_margin_that_the_newest_look_did_not_prove_is_a_task() -> None:
    hold, healthy = (
        look(number, CanaryVerdict(verdict), evidence=1.0) for number, verdict in ((1, "hold"), (2, "expand"))
    )
    (found,) = made(decisions=(file(hold),))
    assert "`taskSuccess` is within its margin" in found.text
    assert made(decisions=(file(hold), file(healthy))) == ()
    proven = msgspec.structs.replace(hold.metrics[0], proven=True)
    assert made(decisions=(file(msgspec.structs.replace(hold, metrics=(proven,))),)) == ()


def test_a_gate_that_is_not_settled_says_what_would_settle_it() -> None:
    gate = decision()
    open_one = msgspec.structs.replace(
        gate.criteria[0], verdict=Verdict.INCONCLUSIVE, settle="20 more runs", suite="s"
    )
    gate = msgspec.structs.replace(gate, tests=(), criteria=(open_one, gate.criteria[0]))
    (found,) = made(decisions=(file(gate),))
    assert found.text == "`minimumSuccessRate` of `s` is not settled: 20 more runs"


def test_journeys_runbooks_topics_and_failures() -> None:
    journeys = (
        Journey(name="covered", tests=("a",)),
        Journey(name="empty", tests=()),
        Journey(name="gone", tests=("x",)),
    )
    manifest = replace(MANIFEST, journeys=journeys)
    stop = entry(EntryKind.STOP, 1, agents={"A": None})
    transcripts = Transcripts(
        strata=(Stratum(title="Failures", total=12),),
        topics=(TopicChange(topic="Refunds", now=(40, 100), before=(5, 100), p_value=1e-9),),
    )
    found = made(
        stop,
        entry(EntryKind.VERIFICATION, 0.5, outcome="fail"),
        manifest=manifest,
        packs=(pack("a"),),
        unchanged={"rotate.md": stop},
        transcripts=transcripts,
    )
    assert [each.text.partition(". ")[0] for each in found] == [
        "12 conversations failed",
        "`rotate.md` has not changed since the stop: A inactive: add what was learnt, or tick this.",
        "The journey `empty` has no test: it names none",
        "The journey `gone` has no test: no pack has `x`",
        "Topic `Refunds` is handed over more often: 40 % (40 of 100), before 5 % (5 of 100)",
    ]
    assert [each.owner for each in found] == [
        "@acme/agents",
        "@acme/sre",
        "@acme/review",
        "@acme/review",
        "@acme/tier2",
    ]
    assert len({each.key for each in found}) == len(found)
    assert [each.key for each in made(stop, manifest=manifest)] == [
        each.key for each in made(stop, manifest=manifest)
    ]


def test_without_any_owner_a_role_is_asked_and_else_nobody() -> None:
    nobody = replace(MANIFEST, owners=Owners(), review_owner=None)
    assert made(entry(EntryKind.STOP, 1), manifest=nobody)[0].owner == ""
    role = replace(nobody, roles=(Role(name="developers", owners=("@acme/dev",)),))
    assert made(entry(EntryKind.STOP, 1), manifest=role)[0].owner == "@acme/dev"


def test_there_are_never_more_than_people_do() -> None:
    stops = [entry(EntryKind.STOP, 1 + number / 1000, content=f"{number:064}") for number in range(100)]
    assert len(made(*stops)) == MAX_PROPOSALS
