"""`wavegate guardrails mutate` as a process, with a program that it starts in copies of the checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.library_desk import PATH, PROJECT, SCRIPT
from tests.support.library_simulator import CASES, SIMULATOR, desk_plan, without
from tests.support.places import ROOT

from wavegate.guardrails.mutate.runs import folder_name

PROGRAM = ("--command", sys.executable, "--command", "smoke/simulate.py")
FEW = ("waiving-is-confirmed", "waives-an-open-fine", "nothing-to-waive")
"""Tests that make a run of all mutants short."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The desk's project with a pack of few tests, one of which is missing."""
    root = tmp_path / "checkout"
    shutil.copytree(PROJECT, root)
    pack, cases = without(*(name for name in CASES if name not in FEW))
    write(root, pack, cases)
    return root


def write(root: Path, pack: dict[str, Any], cases: dict[str, Any]) -> None:
    (root / "agentforce" / "packs" / "desk.json").write_text(json.dumps(pack))
    (root / "smoke" / "cases.json").write_text(json.dumps(cases))


def start(root: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    temporary = root.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "TMPDIR": str(temporary),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "wavegate", "guardrails", "mutate", *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def mutate(root: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    process = start(root, *arguments, **more)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def files(root: Path) -> dict[str, bytes]:
    """What the checkout holds, without our own folder."""
    paths = (path for path in root.rglob("*") if path.is_file() and ".wavegate" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def copies(root: Path) -> list[str]:
    return [path.name for path in (root.parent / "tmp").iterdir() if path.name.startswith("wavegate-variant-")]


def test_survivors_are_named_with_their_place_and_the_checkout_is_left_alone(checkout: Path) -> None:
    before = files(checkout)
    code, output, errors = mutate(checkout, *PROGRAM, "--deterministic", "--format", "json", "--budget", "60")
    assert code == 1, errors
    report = json.loads(output)
    check_schema(report)
    survivors = {each["id"]: each for each in report["survivors"]}
    confirmation = [each for each in report["mutants"] if each["bound"].endswith("waive_fine/confirmation")]
    assert [each["test"] for each in confirmation] == ["waiving-is-confirmed"]
    gate = survivors["Library_Desk/fines/before_reasoning/gate"]
    assert (gate["file"], SCRIPT.split("\n")[gate["line"] - 1].strip()) == (PATH, "if @variables.blocked == True:")
    assert report["runs"] <= 60
    assert "killed by waiving-is-confirmed" in errors
    assert files(checkout) == before
    assert copies(checkout) == []


def check_schema(report: dict[str, Any]) -> None:
    import jsonschema

    schema = json.loads((ROOT / "schemas" / "guardrails-mutation.schema.json").read_text())
    jsonschema.validate(report, schema)


QUICK = """
import json, os, pathlib
script = pathlib.Path("SCRIPT").read_text()
with open(os.environ["RUN_LOG"], "a") as file:
    file.write("run\\n")
held = {"confirmed": "require_user_confirmation: True", "other": "desk"}
outcome = "pass" if held[os.environ["WAVEGATE_RUN_TEST"]] in script else "fail"
print(json.dumps({"case": "1", "outcome": outcome}))
""".replace("SCRIPT", PATH)
"""A program that only looks at the script: a run takes a few milliseconds."""


def test_a_killed_process_goes_on_where_it_was_and_its_copy_is_removed(checkout: Path) -> None:
    log = checkout.parent / "log"
    (checkout / "smoke" / "simulate.py").write_text(QUICK)
    write(checkout, {**without()[0], "tests": ["confirmed", "other"]}, {})
    arguments = ("--pass-env", "RUN_LOG", "--format", "json")
    program = ("--command", sys.executable, "--command", "-S", "--command", "smoke/simulate.py")
    with start(checkout, *program, *arguments, RUN_LOG=str(log)) as process:
        deadline = time.monotonic() + 60
        while not (log.exists() and log.read_text().count("run") >= 8) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert copies(checkout)
    code, output, errors = mutate(checkout, *program, *arguments, RUN_LOG=str(log))
    assert code == 1, errors
    assert copies(checkout) == []
    # at most the run that was in progress is made twice
    assert log.read_text().count("run") <= json.loads(output)["runs"] + 1
    assert not list((checkout / ".wavegate").glob("mutate-*"))


def test_without_a_budget_it_names_what_no_test_could_reach_and_starts_nothing(checkout: Path) -> None:
    pack, cases = without(*(name for name in CASES if name not in FEW))
    pack["policies"] = {"checks": {"requiredActions": ["check_card"]}}
    pack["tests"] = [{"name": "card", "policies": ["checks"]}]
    write(checkout, pack, cases)
    code, output, errors = mutate(checkout, "--budget", "0", "--format", "json")
    assert code == 1, errors
    report = json.loads(output)
    unreached = {each["bound"].split("/")[1] for each in report["mutants"] if each["verdict"] == "unreached"}
    assert unreached == {"fines"}
    assert report["runs"] == 0
    assert "fails on the unmutated agent" not in mutate(checkout, "--budget", "0")[1]


def test_a_program_that_fails_decides_nothing(checkout: Path) -> None:
    (checkout / "smoke" / "simulate.py").write_text("raise SystemExit('no key')")
    code, output, _ = mutate(checkout, *PROGRAM, "--budget", "4")
    assert code == 5
    assert output.startswith("INCONCLUSIVE")
    assert "no key" in output


def test_what_was_recorded_for_each_mutant_is_judged(checkout: Path) -> None:
    recorded = checkout / "recorded"
    code, _, errors = mutate(checkout, "--budget", "0", "--write", "recorded")
    assert code == 5, errors
    mutants = {folder_name(each.id): each.script for each in desk_plan(without()[0]).mutants}
    assert {path.name for path in recorded.iterdir()} == set(mutants)
    for name, script in {**mutants, "baseline": SCRIPT}.items():
        (recorded / name).mkdir(exist_ok=True)
        lines = [json.dumps({"test": test, **SIMULATOR.transcript(script, CASES[test])}) for test in FEW]
        (recorded / name / "run.jsonl").write_text("\n".join(lines) + "\n")
    arguments = ("--runner", "replay", "--recorded", "recorded", "--deterministic", "--format", "json")
    code, output, errors = mutate(checkout, *arguments)
    assert code == 1, errors
    killed = {each["bound"] for each in json.loads(output)["mutants"] if each["verdict"] == "killed"}
    assert "Library_Desk/fines/waive_fine/confirmation" in killed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "The command runner has no program."),
        (("--runner", "replay"), "The replay runner has no transcripts."),
        (("--agent", "Nobody", "--budget", "0"), "There is no agent `Nobody`"),
        (("--budget", "0", "--pack", "none.json"), "none.json"),
    ],
)
def test_wrong_input_is_one_message(checkout: Path, arguments: tuple[str, ...], message: str) -> None:
    code, output, errors = mutate(checkout, *arguments)
    assert code == 2
    assert message in errors
    assert "Traceback" not in output + errors


def test_a_script_behind_a_link_out_of_the_checkout_is_never_written(checkout: Path) -> None:
    outside = checkout.parent / "outside"
    bundle = checkout / PATH.rpartition("/")[0]
    shutil.move(bundle, outside)
    bundle.symlink_to(outside)
    before = (outside / "Library_Desk.agent").read_bytes()
    code, _, _ = mutate(checkout, *PROGRAM, "--budget", "5")
    assert code == 2
    assert (outside / "Library_Desk.agent").read_bytes() == before
