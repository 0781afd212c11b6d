"""Exported sessions: what counts, what is rejected, and what makes the sums doubtful."""

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.exports import (
    COLUMNS,
    COPY,
    LIVE,
    MAPPING,
    NOW,
    REQUEST,
    WRITERS,
    Row,
    look_at,
    write_csv,
    write_jsonl,
    write_parquet,
)

from wavegate.errors import InputError
from wavegate.statistics.latency import latency_bucket
from wavegate.telemetry.files.found import find_exports
from wavegate.telemetry.files.source import FileTelemetry
from wavegate.telemetry.mapping.values import CohortBy, CohortMapping, SessionEnd, TableMapping
from wavegate.telemetry.values import (
    OTHERS,
    UNKNOWN_LATENCY,
    DaySum,
    Lane,
    Reject,
    TelemetryLook,
    UnknownWord,
    ViolationSum,
)

FORMATS = pytest.mark.parametrize("form", sorted(WRITERS))
TODAY = date(2026, 11, 7)


ALLOWED = "`lag.fast` of the telemetry file is 2 h 00 min."
SETTING = " If they usually arrive that late, write `lag: {fast: 3h}` in it."


def only(look: TelemetryLook) -> DaySum:
    (day,) = look.days
    return day


def doubts(look: TelemetryLook) -> tuple[object, ...]:
    return (*look.rejects.items(), *look.unknown, *look.problems)


@FORMATS
def test_a_day_is_summed_up_by_cohort_agent_and_version(tmp_path: Path, form: str) -> None:
    rows = [
        Row(id="1", end_type="done", latency=900, severity="sev1", confirmed="yes"),
        Row(id="2", end_type="handover", latency=900, severity="sev1"),
        Row(id="3", end_type="timeout", latency=None, severity="none"),
        Row(id="4", arm="P", agent=COPY, version="v3", latency=0.5, severity="sev2", confirmed="yes"),
        Row(id="5", arm="p'2", agent=COPY, version="v3", end="2026-11-07 23:59:00"),
        Row(id="6", channel="Builder"),
        Row(id="7", end_type="test"),
        Row(id="8", agent="Another_Agent"),
        Row(id="9", start="2026-10-31 23:59:59"),
    ]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    look = look_at(tmp_path)
    assert look.days == (
        DaySum(
            day=TODAY,
            cohort=OTHERS,
            agent=LIVE,
            version="v2",
            sessions=3,
            good=1,
            escalated=1,
            violations={"critical": ViolationSum(confirmed=1, unconfirmed=1)},
            latency={UNKNOWN_LATENCY: 1, latency_bucket(900): 2},
        ),
        DaySum(
            day=TODAY,
            cohort="pilot",
            agent=COPY,
            version="v3",
            sessions=2,
            good=2,
            escalated=0,
            violations={"high": ViolationSum(confirmed=1)},
            latency={0: 1, latency_bucket(900): 1},
        ),
    )
    assert doubts(look) == ()
    assert look.has == {"taskSuccess", "escalationRate", "latencyP95", "violations"}
    assert look.watermarks == {
        Lane.FAST: datetime(2026, 11, 7, 21, 59, tzinfo=UTC),
        Lane.SLOW: datetime(2026, 11, 5, 23, 59, tzinfo=UTC),
    }


def generated(seed: int) -> list[Row]:
    """Sessions with everything that may occur in them."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ends = ["done", "done", "handover", "timeout", "test", "oops", "", "None", "a \"b\", 'c'\nd"]
    start = datetime(2026, 10, 30, tzinfo=UTC)
    return [
        Row(
            id=f"s{number}" if chance.random() > 0.02 else None,
            start=(start + timedelta(seconds=chance.randrange(10 * 86_400))).strftime("%Y-%m-%d %H:%M:%S")
            if chance.random() > 0.02
            else None,
            end_type=chance.choice(ends) or None,
            channel=chance.choice(["Web", "Builder", None]),
            agent=chance.choice([LIVE, COPY, "Another_Agent"]),
            version=chance.choice(["v2", "v3", None]),
            arm=chance.choice(["P", "p'2", "Q", None]),
            latency=chance.choice([None, "NaN", -3.5, 0, 1, 1.5, round(chance.lognormvariate(7, 1), 3)]),
            severity=chance.choice([None, None, "none", "sev1", "sev2", "sev9"]),
            confirmed=chance.choice([None, "yes", "no"]),
        )
        for number in range(600)
    ]


def oracle(rows: list[Row]) -> tuple[Counter[tuple[object, ...]], Counter[Reject], Counter[tuple[str, str]]]:
    """The same sums in plain Python: sessions by day, cohort, agent, version, signal and value."""
    sums: Counter[tuple[object, ...]] = Counter()
    rejects: Counter[Reject] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    for row in rows:
        moment = datetime.fromisoformat(f"{row.start}+00:00") if row.start else None
        if row.agent not in (LIVE, COPY) or row.channel == "Builder" or row.end_type == "test":
            continue
        if moment and moment.date() < date(2026, 11, 1):
            continue
        latency = float(row.latency) if row.latency is not None else None
        reject = (
            Reject.NO_ID
            if not row.id
            else Reject.NO_TIME
            if not moment
            else Reject.FUTURE
            if moment > NOW
            else Reject.NOT_A_NUMBER
            if latency is not None and math.isnan(latency)
            else Reject.NEGATIVE
            if latency is not None and latency < 0
            else None
        )
        if reject:
            rejects[reject] += 1
            continue
        assert moment
        key = (moment.date(), "pilot" if row.arm in ("P", "p'2") else OTHERS, row.agent, row.version or "")
        sums[(*key, "sessions")] += 1
        sums[(*key, "good")] += row.end_type == "done"
        sums[(*key, "escalated")] += row.end_type == "handover"
        severity = {"sev1": "critical", "sev2": "high"}.get(row.severity or "")
        if severity:
            sums[(*key, severity, row.confirmed == "yes")] += 1
        sums[(*key, "latency", UNKNOWN_LATENCY if latency is None else latency_bucket(latency))] += 1
        if row.end_type not in ("done", "handover", "timeout"):
            word = "" if row.end_type is None else row.end_type
            unknown["endTypes", " ".join(word.split())] += 1
        if row.severity not in (None, "none", "sev1", "sev2"):
            unknown["severities", row.severity or ""] += 1
    return +sums, rejects, unknown


def flat(look: TelemetryLook) -> Counter[tuple[object, ...]]:
    sums: Counter[tuple[object, ...]] = Counter()
    for day in look.days:
        key = (day.day, day.cohort, day.agent, day.version)
        for name in ("sessions", "good", "escalated"):
            sums[(*key, name)] += getattr(day, name)
        for severity, each in day.violations.items():
            sums[(*key, severity, True)] += each.confirmed
            sums[(*key, severity, False)] += each.unconfirmed
        for bucket, number in day.latency.items():
            sums[(*key, "latency", bucket)] += number
    return +sums


@pytest.mark.parametrize("seed", range(3))
def test_every_format_gives_the_sums_of_plain_python(tmp_path: Path, seed: int) -> None:
    rows = generated(seed)
    expected, rejects, unknown = oracle(rows)
    looks = []
    for form, write in WRITERS.items():
        write(tmp_path / form / f"exports/first.{form}", rows[:250])
        write(tmp_path / form / f"exports/deep/er/second.{form}", rows[250:])
        looks.append(look_at(tmp_path / form))
    for look in looks:
        assert flat(look) == expected
        assert look.rejects == rejects
        found = Counter(
            {(each.place, " ".join(each.word.split()).replace("\\n", " ")): each.sessions for each in look.unknown}
        )
        assert found == unknown
    assert looks[0].days == looks[1].days == looks[2].days


@FORMATS
def test_each_row_that_cannot_count_is_rejected_with_its_reason(tmp_path: Path, form: str) -> None:
    rows = [
        Row(id="good"),
        Row(id="nan", latency="NaN"),
        Row(id="negative", latency=-1),
        Row(id="huge", latency="Infinity"),
        Row(id="started later", start="2026-11-08 01:00:01"),
        Row(id="ends later", end="2026-11-08 01:00:01"),
        Row(id="never", start=None),
        Row(id=None),
        Row(id=""),
    ]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    look = look_at(tmp_path)
    assert only(look).sessions == 1
    assert look.rejects == {
        Reject.NOT_A_NUMBER: 2,
        Reject.NEGATIVE: 1,
        Reject.FUTURE: 2,
        Reject.NO_TIME: 1,
        Reject.NO_ID: 2,
    }


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_text_that_is_neither_a_time_nor_a_number_is_rejected(tmp_path: Path, form: str) -> None:
    times = ["1762500000", "epoch", "infinity", "yesterday", "2026-02-30 10:00:00"]
    rows = [Row(id="good"), Row(id="slow", latency="slow"), *(Row(id=each, start=each) for each in times)]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    look = look_at(tmp_path)
    assert (only(look).sessions, look.rejects) == (1, {Reject.NOT_A_NUMBER: 1, Reject.NO_TIME: len(times)})


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_time_with_a_zone_is_converted_and_one_without_is_utc(tmp_path: Path, form: str) -> None:
    rows = [
        Row(id="1", start="2026-11-07T00:30:00+02:00"),
        Row(id="2", start="2026-11-06T23:30:00.000+0000"),
        Row(id="3", start="2026-11-06T20:30:00-04:00"),
        Row(id="4", start="2026-11-06T23:59:59.999Z"),
        Row(id="5", start="2026-11-07 00:00:00"),
    ]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    assert [(each.day, each.sessions) for each in look_at(tmp_path).days] == [
        (date(2026, 11, 6), 3),
        (TODAY, 2),
    ]


@FORMATS
def test_a_clock_change_moves_no_session_to_another_day(tmp_path: Path, form: str) -> None:
    # the night in which New York's clocks went back: 01:30 occurred twice there, an hour apart
    rows = [
        Row(id="1", start="2026-11-01T01:30:00-04:00"),
        Row(id="2", start="2026-11-01T01:30:00-05:00"),
        Row(id="3", start="2026-11-01T18:59:59-05:00"),
        Row(id="4", start="2026-11-01T19:00:00-05:00"),
    ]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    assert [(each.day, each.sessions) for each in look_at(tmp_path).days] == [
        (date(2026, 11, 1), 3),
        (date(2026, 11, 2), 1),
    ]


def test_a_session_past_midnight_belongs_to_the_day_of_its_start(tmp_path: Path) -> None:
    row = Row(id="1", start="2026-11-06 23:59:59", end="2026-11-07 00:40:00")
    write_csv(tmp_path / "exports/a.csv", [row])
    assert only(look_at(tmp_path)).day == date(2026, 11, 6)


@FORMATS
def test_sessions_that_occur_twice_count_once_and_those_of_two_versions_never(tmp_path: Path, form: str) -> None:
    rows = [
        Row(id="once", arm="P", agent=COPY),
        Row(id="twice", arm="P", agent=COPY),
        Row(id="twice", arm="P", agent=COPY),
        Row(id="twice", arm="P", agent=COPY, end_type="timeout"),
        Row(id="both", arm="P", agent=COPY, version="v2"),
        Row(id="both", arm="P", agent=COPY, version="v3"),
    ]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    look = look_at(tmp_path)
    assert sum(day.sessions for day in look.days) == 2
    assert look.rejects == {Reject.DUPLICATE_SESSION: 2, Reject.TWO_VERSIONS: 1}


@FORMATS
def test_a_file_that_was_delivered_twice_counts_once(tmp_path: Path, form: str) -> None:
    rows = [Row(id=f"{number}", arm="P" if number % 3 else None) for number in range(30)]
    other = [Row(id="another day", start="2026-11-06 10:00:00"), *reversed(rows)]
    WRITERS[form](tmp_path / f"exports/a.{form}", rows)
    WRITERS[form](tmp_path / f"exports/b (1).{form}", other)
    look = look_at(tmp_path)
    assert sum(day.sessions for day in look.days) == 31
    assert look.rejects == {Reject.DUPLICATE_FILE: 30}


def test_a_copied_file_and_a_repeated_session_are_counted_apart(tmp_path: Path) -> None:
    rows = [Row(id="1", arm="P"), Row(id="2", arm="P"), Row(id="2", arm="P")]
    write_csv(tmp_path / "exports/a.csv", rows)
    write_csv(tmp_path / "exports/b.csv", rows)
    look = look_at(tmp_path)
    assert only(look).sessions == 2
    assert look.rejects == {Reject.DUPLICATE_FILE: 3, Reject.DUPLICATE_SESSION: 1}


def test_unknown_words_are_named_with_their_sessions(tmp_path: Path) -> None:
    rows = [
        Row(id="1", end_type="vanished"),
        Row(id="2", end_type="vanished"),
        Row(id="3", end_type=None),
        Row(id="4", severity="sev0"),
    ]
    write_parquet(tmp_path / "exports/a.parquet", rows)
    assert look_at(tmp_path).unknown == (
        UnknownWord(place="endTypes", word="vanished", sessions=2),
        UnknownWord(place="endTypes", word="", sessions=1),
        UnknownWord(place="severities", word="sev0", sessions=1),
    )
    known = {**MAPPING.outcomes, "vanished": SessionEnd.OTHER, "NOT_SET": SessionEnd.OTHER}
    assert [each.word for each in look_at(tmp_path, replace(MAPPING, outcomes=known)).unknown] == ["sev0"]


def test_no_file_and_no_session_of_the_agents_is_no_data(tmp_path: Path) -> None:
    assert look_at(tmp_path).problems == ("No exported file matches the patterns of the telemetry file.",)
    write_csv(tmp_path / "exports/a.csv", [])
    look = look_at(tmp_path)
    assert (look.days, look.watermarks, look.problems) == ((), {}, ())
    write_jsonl(tmp_path / "exports/b.jsonl", [])
    assert look_at(tmp_path).problems == ("The file exports/b.jsonl is empty.",)


def test_late_data_is_said_with_its_age(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports/a.csv", [Row(id="1", start="2026-11-07 22:59:00")])
    assert look_at(tmp_path).problems == (
        f"Late data: the newest session is of 2026-11-07 22:59 UTC, 2 h 01 min old; {ALLOWED}{SETTING}",
    )
    later = replace(REQUEST, now=REQUEST.now + timedelta(days=3))
    (problem,) = look_at(tmp_path, request=later).problems
    # nobody exports every third day: something is broken, and a longer lag would hide it
    assert problem.endswith(ALLOWED)
    write_csv(tmp_path / "exports/b.csv", [Row(id="2", start="2026-11-07 23:00:00")])
    assert look_at(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ("csv", "has no column `violation`"),
        ("parquet", "has no column `violation`"),
        ("jsonl", "value of `latency_ms`"),
    ],
)
def test_a_schema_that_changed_between_files_is_a_problem(tmp_path: Path, form: str, change: str) -> None:
    names = [("changed" if name in ("violation", "latency_ms") else name) for name in COLUMNS.values()]
    names[8] = "latency" if form == "jsonl" else "latency_ms"
    WRITERS[form](tmp_path / f"exports/a.{form}", [Row(id="1")])
    WRITERS[form](tmp_path / f"exports/b.{form}", [Row(id="2")], names)
    look = look_at(tmp_path)
    assert len(look.problems) == 1
    assert look.problems[0].startswith("Changed schema: ") and change in look.problems[0]


def test_a_type_that_changed_between_files_is_a_problem(tmp_path: Path) -> None:
    write_parquet(tmp_path / "exports/a.parquet", [Row(id="1")])
    write_parquet(tmp_path / "exports/b.parquet", [Row(id="2")], types={"latency": "INTEGER"})
    look = look_at(tmp_path)
    assert look.problems == (
        "Changed schema: the column `latency_ms` is DOUBLE in exports/a.parquet, and INTEGER in exports/b.parquet.",
    )
    assert only(look).latency == {latency_bucket(900): 2}
    write_parquet(tmp_path / "exports/b.parquet", [Row(id="2")])
    assert look_at(tmp_path).schema != look.schema


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        (
            "a.csv",
            "session,started,agent\n1,2026-11-07,A\n2,2026-11-07\n",
            3,
            "Expected Number of Columns: 3 Found: 2",
        ),
        ("a.csv", 'session,started,agent\n1,2026-11-07,"A\n', 2, "unterminated quote"),
        ("a.csv", "session,begin,agent\n", 1, "no column `started`"),
        ("a.csv", "session,Session,started,agent\n", 1, "differ by case alone"),
        ("a.csv", "session,started,agent\r1,2026-11-07,A\r", 1, "not a list of column names"),
        ("a.csv", "x" * 200_000, 1, "not a list of column names"),
        (
            "a.jsonl",
            '{"session": "1", "started": "2026-11-07", "agent": "A"}\n{"session": 2 "x"}\n',
            2,
            "Malformed JSON",
        ),
        ("a.jsonl", "[1]\n", 1, "Expected OBJECT"),
        (
            "a.jsonl",
            '{"id": "1", "started": "2026-11-07", "agent": "A"}\n',
            None,
            "No object has a usable value of `session`",
        ),
        ("a.parquet", "no Parquet at all", None, "cannot be read"),
        ("a.xlsx", "x", None, "ends in none of"),
        ("a[1].csv", "session,started,agent\n", None, "cannot be read safely"),
    ],
)
def test_a_malformed_file_is_one_error_with_its_place(
    tmp_path: Path, name: str, text: str, line: int | None, said: str
) -> None:
    columns = {"id": "session", "start": "started", "agent": "agent"}
    mapping = replace(MAPPING, tables={"session": TableMapping(columns=columns)}, cohort=None)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / name).write_bytes(text.encode())
    with pytest.raises(InputError) as caught:
        look_at(tmp_path, mapping)
    assert said in caught.value.message
    assert (caught.value.file, caught.value.line) == (f"exports/{name}", line)
    assert caught.value.fix and str(tmp_path) not in caught.value.message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'"private\n\nPossible fixes:\nprivate",2026-11-07\n', "Expected Number of Columns: 3 Found: 2"),
        (b'"private\nprivate', "unterminated quote"),
        (b"private\xff,2026-11-07,A\n", "not utf-8"),
    ],
)
def test_a_malformed_line_is_not_quoted(tmp_path: Path, line: bytes, said: str) -> None:
    columns = {"id": "session", "start": "started", "agent": "agent"}
    mapping = replace(MAPPING, tables={"session": TableMapping(columns=columns)}, cohort=None)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/a.csv").write_bytes(b"session,started,agent\n1,2026-11-07,A\n" + line)
    with pytest.raises(InputError) as caught:
        look_at(tmp_path, mapping)
    assert said in caught.value.message
    assert "private" not in caught.value.message
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ({"start": "BIGINT"}, "`started` has the type BIGINT, not a time"),
        ({"latency": "BOOLEAN"}, "`latency_ms` has the type BOOLEAN, not a number"),
        ({"endType": "VARCHAR[]"}, "`end type` has the type VARCHAR[], not text"),
    ],
)
def test_a_type_is_never_guessed_from(tmp_path: Path, types: dict[str, str], said: str) -> None:
    write_parquet(tmp_path / "exports/a.parquet", [], types=types)
    with pytest.raises(InputError, match="has the type") as caught:
        look_at(tmp_path)
    assert said in caught.value.message


def test_a_pattern_with_many_wildcards_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / f"exports/{'a' * 200}.csv").write_text("id\n")
    look = look_at(tmp_path, replace(MAPPING, files=(f"**/**/*{'a*' * 30}b.csv",)))
    assert look.problems == ("No exported file matches the patterns of the telemetry file.",)


HOSTILE = """it's "here"; DROP TABLE x -- {files} %s é\N{SNOWMAN}"""


@FORMATS
def test_hostile_names_and_values_are_only_text(tmp_path: Path, form: str) -> None:
    names = [f"{HOSTILE} {role}" for role in COLUMNS]
    mapping = replace(
        MAPPING,
        tables={"session": TableMapping(columns=dict(zip(COLUMNS, names, strict=True)))},
        cohort=CohortMapping(by=CohortBy.COLUMN, values={HOSTILE: (HOSTILE,)}),
        outcomes={HOSTILE: SessionEnd.GOOD},
    )
    rows = [Row(id=HOSTILE, arm=HOSTILE, end_type=HOSTILE, agent=HOSTILE, version=HOSTILE)]
    WRITERS[form](tmp_path / f"exports/it's; --.{form}", rows, names)
    day = only(look_at(tmp_path, mapping, agents=frozenset({HOSTILE})))
    assert (day.cohort, day.agent, day.version, day.good) == (HOSTILE, HOSTILE, HOSTILE, 1)


@pytest.mark.parametrize(
    "pattern", ["../secret.csv", "/etc/passwd", "exports/../../secret.csv", "https://x.example/a.csv"]
)
def test_no_pattern_leads_out_of_the_folder(tmp_path: Path, pattern: str) -> None:
    write_csv(tmp_path / "secret.csv", [Row(id="1")])
    (tmp_path / "checkout").mkdir()
    with pytest.raises(InputError, match="leads out of the folder"):
        look_at(tmp_path / "checkout", replace(MAPPING, files=(pattern,)))


def test_links_are_not_followed(tmp_path: Path) -> None:
    write_csv(tmp_path / "outside/secret.csv", [Row(id="1")])
    exports = tmp_path / "checkout/exports"
    exports.mkdir(parents=True)
    (exports / "file.csv").symlink_to(tmp_path / "outside/secret.csv")
    (exports / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "checkout/linked").symlink_to(tmp_path / "outside")
    for pattern in ("exports/**/*", "exports/folder/*.csv", "linked/secret.csv"):
        assert look_at(tmp_path / "checkout", replace(MAPPING, files=(pattern,))).days == ()


def test_a_header_may_be_longer_than_any_field(tmp_path: Path) -> None:
    names = [*COLUMNS.values(), *(f"a_column_with_a_long_name_{number}" for number in range(8_000))]
    write_csv(tmp_path / "exports/a.csv", [Row(id="1")])
    lines = (tmp_path / "exports/a.csv").read_text().splitlines()
    more = names[len(lines[0].split(",")) :]
    (tmp_path / "exports/a.csv").write_text(f"{lines[0]},{','.join(more)}\n{lines[1]}{',' * len(more)}\n")
    assert only(look_at(tmp_path)).sessions == 1


def test_a_file_that_is_written_to_while_it_is_read_is_a_problem(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports/a.csv", [Row(id="1")])
    (found,) = find_exports(tmp_path, MAPPING.files)
    assert found.is_as_found
    with (tmp_path / "exports/a.csv").open("a") as file:
        file.write("\n")
    assert not found.is_as_found

    class Slow(FileTelemetry):
        """Its file gets another session before the sums are complete."""

        def _summed(self, *arguments: Any) -> TelemetryLook:
            look = super()._summed(*arguments)
            write_csv(tmp_path / "exports/a.csv", [Row(id="1"), Row(id="2")])
            return look

    look = Slow(MAPPING, tmp_path).look(REQUEST)
    assert look.problems == ("exports/a.csv was written to while it was read.",)


def test_cohorts_are_found_by_user_and_by_channel(tmp_path: Path) -> None:
    columns = {role: name for role, name in COLUMNS.items() if role != "cohort"} | {"user": "arm"}
    rows = [
        Row(id="1", arm="005000000000001AAA"),
        Row(id="2", arm="005000000000001aAA"),
        Row(id="3", channel="Voice"),
    ]
    write_csv(tmp_path / "exports/a.csv", rows)
    by_user = replace(
        MAPPING, cohort=CohortMapping(by=CohortBy.USER), tables={"session": TableMapping(columns=columns)}
    )
    users = {"005000000000001": "pilot"}
    found = look_at(tmp_path, by_user, users=users).days
    assert [(day.cohort, day.sessions) for day in found] == [(OTHERS, 1), ("pilot", 2)]
    by_channel = replace(MAPPING, cohort=CohortMapping(by=CohortBy.CHANNEL, values={"voice": ("Voice",)}))
    found = look_at(tmp_path, by_channel).days
    assert [(day.cohort, day.sessions) for day in found] == [(OTHERS, 2), ("voice", 1)]


@FORMATS
def test_files_of_other_agents_say_what_they_have(tmp_path: Path, form: str) -> None:
    WRITERS[form](tmp_path / f"exports/a.{form}", [Row(id="1", agent="Another_Agent")])
    look = look_at(tmp_path)
    assert look.days == ()
    (problem,) = look.problems
    assert problem.startswith(f"No session of `{LIVE}`")
    assert problem.endswith(": the exported files have `Another_Agent`.")
