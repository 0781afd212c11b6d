"""A smoke job with packs that run until they are settled: earlier observations and options that fit, or do not."""

import json
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome, Subject
from wavegate.smoke.earlier import check_subjects
from wavegate.smoke.job import Job, SmokeOptions, prepare_job

COMMIT = "a" * 40
MANIFEST = "release: wave-3\nenvironments: [{name: uat, prompts: [a]}]\n"
PACK = {
    "suite": "readiness",
    "tests": ["a", "b"],
    "runs": "until-settled",
    "passCriteria": {"minimumSuccessRate": 0.95},
}
USUAL: dict[str, Any] = {
    "environment": "uat",
    "shard": (1, 1),
    "runner": "command",
    "output": Path("observations.jsonl"),
    "commit": COMMIT,
    "timeout": timedelta(hours=1),
    "poll_interval": timedelta(seconds=2),
    "in_flight": 10,
    "post_deploy": False,
}
OTHERS: dict[str, Any] = {
    "pack": (), "test": (), "command": (), "recorded": (), "earlier": (),
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "agentforce" / "packs").mkdir(parents=True)
    (tmp_path / "agentforce" / "release.yml").write_text(MANIFEST)
    write(tmp_path)
    return tmp_path


def write(root: Path, name: str = "readiness", **changes: Any) -> None:
    (root / "agentforce" / "packs" / f"{name}.json").write_text(json.dumps({**PACK, "suite": name, **changes}))


def prepare(root: Path, **options: Any) -> Job:
    given = {**USUAL, **OTHERS, "root": root, **options}
    arguments: dict[str, Any] = {each.name: given.get(each.name) for each in fields(SmokeOptions)}
    return prepare_job(SmokeOptions(**arguments))


def record(root: Path, name: str, *observations: Observation) -> None:
    (root / name).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in observations))


def seen(run: int = 1, **changes: Any) -> Observation:
    usual = {
        "suite": "readiness",
        "test": "a",
        "run": run,
        "outcome": Outcome.PASS,
        "subject": Subject(commit=COMMIT),
    }
    return Observation(**{**usual, **changes})


def test_earlier_observations_of_files_and_folders_count(root: Path) -> None:
    (root / "one").mkdir()
    record(root, "one/first.jsonl", seen(1), seen(1, test="b"))
    record(root, "second.jsonl", seen(2), seen(2, test="b"))
    (root / "empty").mkdir()
    job = prepare(root, earlier=("one", "second.jsonl", "empty"))
    assert job.waves[0].progress().startswith("readiness, earlier: 4 of 4 observations passed")
    assert min(run.run for run in job.next_wave(0, None)) == 3
    assert job.planned == ()


@pytest.mark.parametrize(
    ("observations", "message"),
    [
        ([seen(), seen()], "Duplicate earlier observation readiness/a, run 1, case 1."),
        ([seen(subject=Subject(commit="b" * 40))], "readiness/a, run 1 was recorded for another commit."),
        ([seen(subject=None)], "was recorded for another commit."),
        ([seen(subject=Subject(commit=COMMIT, pack="0" * 64))], "was recorded for another pack."),
        ([seen(subject=Subject(commit=COMMIT, environment="production"))], "for another environment."),
        ([seen(suite="elsewhere")], "elsewhere/a, run 1 is not of a pack that runs until it is settled."),
        ([], "The file contains no observations."),
    ],
)
def test_earlier_observations_that_do_not_fit_are_refused(
    root: Path, observations: list[Observation], message: str
) -> None:
    record(root, "first.jsonl", *observations)
    with pytest.raises(InputError) as refused:
        prepare(root, earlier=("first.jsonl",))
    assert message in refused.value.message


@pytest.mark.parametrize("text", ["{", "{}", "not JSON"])
def test_an_earlier_file_that_cannot_be_read_is_refused_at_its_line(root: Path, text: str) -> None:
    record(root, "first.jsonl", seen())
    with (root / "first.jsonl").open("a") as file:
        file.write(text + "\n")
    with pytest.raises(InputError) as refused:
        prepare(root, earlier=("first.jsonl",))
    assert (refused.value.file, refused.value.line) == ("first.jsonl", 2)


def test_what_only_the_org_knows_is_compared_after_the_login() -> None:
    earlier = (seen(subject=Subject(commit=COMMIT, org="00D000000000001", agents={"Support": 2})),)
    check_subjects(earlier, {"readiness": Subject(commit=COMMIT, org="00D000000000001")})
    for subject, part in (
        (Subject(commit=COMMIT, org="00D000000000002"), "org"),
        (Subject(commit=COMMIT, agents={"Support": 3}), "agent Support"),
    ):
        with pytest.raises(InputError, match=f"for another {part}"):
            check_subjects(earlier, {"readiness": subject})
    with pytest.raises(InputError, match="for another org"):
        check_subjects((seen(),), {"readiness": Subject(commit=COMMIT, org="00D000000000001")})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": range(1, 6)}, "runs until it is settled, in one job"),
        ({"shard": (1, 2)}, "runs until it is settled, in one job"),
        ({"earlier": ("nowhere.jsonl",)}, "nowhere.jsonl"),
        ({"earlier": ("observations.jsonl",)}, "would replace the earlier observations"),
        ({"earlier": (".",)}, "which would not be counted"),
    ],
)
def test_options_that_do_not_fit_are_refused(root: Path, options: dict[str, Any], message: str) -> None:
    record(root, "observations.jsonl", seen())
    with pytest.raises(InputError) as refused:
        prepare(root, **{**options, "output": root / "observations.jsonl"})
    assert message in refused.value.message


def test_a_limit_of_cost_needs_a_price(root: Path) -> None:
    write(root, budget={"maxCost": 100})
    with pytest.raises(InputError, match="does not say what a conversation costs"):
        prepare(root)
    (root / "agentforce" / "release.yml").write_text(MANIFEST + "pricePerConversation: 2\n")
    assert len(prepare(root).waves) == 1


def test_a_pack_with_fixed_runs_runs_beside_the_first_wave(root: Path) -> None:
    write(root, "fixed", runs=3)
    job = prepare(root)
    assert [(run.suite, run.run) for run in job.planned] == [("fixed", run) for _ in "ab" for run in (1, 2, 3)]
    assert {run.suite for run in job.next_wave(0, None)} == {"readiness"}
    only = prepare(root, test=("a",), pack=("agentforce/packs/fixed.json",))
    assert (only.waves, len(only.planned)) == ((), 3)
