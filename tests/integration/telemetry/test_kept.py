"""Kept sums: a later look reads new days only, and never gives other sums than a look at everything."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.exports import COPY, MAPPING, NOW, REQUEST, Row, write_csv

from wavegate.errors import InputError
from wavegate.telemetry.kept.as_json import digest_of_sums
from wavegate.telemetry.read import TelemetryReading, read_new_days, read_telemetry

DAYS = range(1, 8)


def export(root: Path, day: int, *, sessions: int = 6, end_type: str = "done", name: str = "") -> Path:
    """A file with one day's sessions, a third of them of the pilot."""
    rows = [
        Row(
            id=f"{name}{day}-{number}",
            start=f"2026-11-{day:02} {23 if number else 1}:30:00",
            arm=None if number % 3 else "P",
            agent=COPY,
            end_type=end_type,
        )
        for number in range(sessions)
    ]
    return write_csv(root / f"exports/{name or 'day'}-{day:02}.csv", rows)


class Looks:
    """Looks at a folder, one after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept = root / "kept.json"
        self.warnings: list[str] = []

    def __call__(self, **changes: object) -> TelemetryReading:
        request = replace(REQUEST, **changes)  # type: ignore[arg-type]
        found = read_new_days(MAPPING, request, root=self.root, earlier=self.kept, warn=self.warnings.append)
        if found.kept:
            self.kept.write_bytes(found.kept_bytes)
        return found


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    """A folder with a week of files, and the first look at it."""
    for day in DAYS:
        export(tmp_path, day)
    made = Looks(tmp_path)
    assert made().look.problems == ()
    return made


def test_a_later_look_reads_new_days_and_finds_what_a_look_at_everything_finds(looks: Looks) -> None:
    kept = json.loads(looks.kept.read_text())
    assert (kept["closed"], {each["day"] for each in kept["days"]}) == (
        "2026-11-05",
        {f"2026-11-0{day}" for day in range(1, 5)},
    )
    export(looks.root, 8)
    now = NOW + timedelta(days=1)
    later = looks(now=now)
    whole = read_telemetry(MAPPING, replace(REQUEST, now=now), root=looks.root)
    assert later.unread == 4
    assert (later.look.days, later.look.watermarks, later.look.has) == (whole.days, whole.watermarks, whole.has)
    assert (later.look.problems, later.look.schema, later.schema) == ((), whole.schema, whole.schema)
    assert later.look.files == whole.files
    assert json.loads(looks.kept.read_text())["closed"] == "2026-11-06"


def test_looking_again_changes_nothing(looks: Looks) -> None:
    before = looks.kept.read_bytes()
    again = looks()
    assert looks.kept.read_bytes() == before
    assert again.look.days == read_telemetry(MAPPING, REQUEST, root=looks.root).days
    assert (again.look.problems, looks.warnings) == ((), [])


@pytest.mark.parametrize(
    "change",
    [
        lambda root: export(root, 2, end_type="timeout"),
        lambda root: (root / "exports/day-02.csv").unlink(),
        lambda root: export(root, 2, name="late"),
    ],
    ids=["changed", "vanished", "came late"],
)
def test_closed_days_that_changed_are_read_again_and_are_a_problem(
    looks: Looks, change: Callable[[Path], object]
) -> None:
    before = looks.kept.read_bytes()
    change(looks.root)
    found = looks()
    assert found.look.days == read_telemetry(MAPPING, REQUEST, root=looks.root).days
    (problem,) = found.look.problems
    assert problem.startswith("Sessions of closed days changed since the earlier look: `2026-11-02`, by `exports/")
    assert looks.kept.read_bytes() == before
    looks.kept.unlink()
    assert looks().look.problems == ()


def test_a_file_that_grows_is_read_again_and_is_no_problem(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    file = export(tmp_path, 1)
    for day in range(2, 8):
        file.write_text(file.read_text() + export(tmp_path / "one", day).read_text().partition("\n")[2])
    assert looks().kept
    file.write_text(file.read_text() + export(tmp_path / "one", 8).read_text().partition("\n")[2])
    found = looks(now=NOW + timedelta(days=1))
    assert (found.look.problems, found.unread) == ((), 0)
    assert found.kept and found.kept.closed.day == 6


def test_a_session_delivered_again_after_its_day_was_closed_is_found(looks: Looks) -> None:
    copy = looks.root / "exports/second delivery.csv"
    copy.write_bytes((looks.root / "exports/day-01.csv").read_bytes())
    found = looks()
    assert sum(found.look.rejects.values()) == 6
    assert found.look.days == read_telemetry(MAPPING, REQUEST, root=looks.root).days


def test_what_is_doubtful_is_not_kept(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    export(tmp_path, 1)
    export(tmp_path, 7)
    write_csv(tmp_path / "exports/bad.csv", [Row(id="1", start="2026-11-06 10:00:00", latency=-1)])
    assert looks().kept is None


def test_late_data_does_not_keep_days_from_being_closed(looks: Looks) -> None:
    found = looks(now=NOW + timedelta(days=2))
    assert found.look.problems[0].startswith("Late data: ")
    assert found.kept


def sealed(text: str) -> str:
    """The file with the digest of what it holds now."""
    values = json.loads(text)
    return json.dumps({**values, "digest": digest_of_sums(values)})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:-40], "holds no usable daily sums"),
        (lambda text: text.replace('"sessions": 4', '"sessions": 5'), "was edited"),
        (lambda text: sealed(text.replace('"sessions": 4', '"sessions": 5')), "do not add up"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "holds no usable daily sums"),
        (lambda text: sealed(text.replace("a" * 64, "b" * 64)), "the telemetry file has changed"),
        (lambda text: sealed(text.replace('"Service_Agent",', '"Agent",')), "they are of other agents"),
        (
            lambda text: sealed(text.replace('"since": "2026-11-01"', '"since": "2026-11-03"')),
            "not among the closed days",
        ),
        (lambda _: '{"predicateType": "something else"}', "holds no usable daily sums"),
        (lambda _: "\0", "holds no usable daily sums"),
    ],
)
def test_a_file_that_does_not_fit_is_said_and_everything_is_read(
    looks: Looks, spoil: Callable[[str], str], said: str
) -> None:
    looks.kept.write_text(spoil(looks.kept.read_text()))
    found = looks()
    assert found.look.days == read_telemetry(MAPPING, REQUEST, root=looks.root).days
    assert (found.look.problems, found.unread, found.schema) == ((), 0, "")
    assert len(looks.warnings) == 1 and said in looks.warnings[0]


def test_users_who_changed_their_cohort_make_kept_sums_useless(looks: Looks) -> None:
    looks(users={"005000000000001": "pilot"})
    assert looks.warnings == [
        "The daily sums of the earlier look are not used: the users of the cohorts have changed."
    ]


def test_the_newest_sums_of_a_folder_are_used(looks: Looks) -> None:
    folder = looks.root / "earlier"
    folder.mkdir()
    (folder / "old.json").write_bytes(looks.kept.read_bytes())
    export(looks.root, 8)
    looks(now=NOW + timedelta(days=1))
    (folder / "new.json").write_bytes(looks.kept.read_bytes())
    (folder / "other.json").write_text("[]")
    found = read_new_days(
        MAPPING,
        replace(REQUEST, now=NOW + timedelta(days=1)),
        root=looks.root,
        earlier=folder,
        warn=looks.warnings.append,
    )
    assert (found.unread, len(looks.warnings)) == (5, 1)


def test_a_place_without_a_folder_is_a_mistake_and_one_without_a_file_is_said(looks: Looks) -> None:
    said: list[str] = []

    def look(earlier: str) -> TelemetryReading:
        place = looks.root / earlier
        return read_new_days(MAPPING, REQUEST, root=looks.root, earlier=place, warn=said.append, say=said.append)

    assert look("other.json").unread == 0
    assert said == [f"There are no earlier daily sums in {looks.root / 'other.json'}: every day is read."]
    with pytest.raises(InputError, match="no folder for it"):
        look("kpet/kept.json")
