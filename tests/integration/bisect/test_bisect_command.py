"""`wavegate bisect` as a process: a real repository, and a program that behaves as the project's files say."""

import json
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.support.bisect_world import (
    CLASS,
    CREDENTIAL,
    DEFAULT,
    FLOW,
    OTHER_PROMPT,
    PLUGIN,
    PROGRAM,
    PROMPT,
    BisectWorld,
    causes,
)
from tests.support.decisions import decision
from tests.support.git import git
from tests.support.places import ROOT

from wavegate.gate.decision import Verdict, to_json

FUNCTION = f"{DEFAULT}/genAiFunctions/Summarize_Case/Summarize_Case.genAiFunction-meta.xml"
MANY = {
    PROMPT: "+ REFUND everything",
    OTHER_PROMPT: "+ At length",
    FLOW: "+<!-- faster -->",
    CLASS: "+// faster",
    CREDENTIAL: "+<!-- other host -->",
    PLUGIN: "+<!-- reworded -->",
}
QUICK = ("--deterministic",)


@pytest.fixture
def world(tmp_path: Path) -> BisectWorld:
    return BisectWorld(tmp_path)


def check_schema(report: dict[str, Any]) -> None:
    jsonschema.validate(report, json.loads((ROOT / "schemas" / "bisect.schema.json").read_text()))


def test_the_culprit_is_named_with_its_words_and_owners_and_the_checkout_is_left_alone(world: BisectWorld) -> None:
    world.setting["breaks"] = [["REFUND"]]
    world.change({**MANY, ".github/CODEOWNERS": "*.xml @acme/prompts\n"})
    before, head = world.files(), git(world.root, "rev-parse", "HEAD")
    report = world.found()
    check_schema(report)
    assert causes(report) == [["GenAiPromptTemplate:Support_Resolution"]]
    (change,) = report["causes"][0]["changes"]
    assert change["files"] == [PROMPT]
    assert change["owners"] == ["@acme/prompts"]
    assert any(each.endswith("phone number.{+\nREFUND everything+}") for each in change["texts"])
    assert (report["good"]["failed"], report["bad"]["passed"]) == (0, 0)
    assert report["runs"] < 60
    after = {path: data for path, data in world.files().items() if path != "smoke/agent.json"}
    assert after == {path: data for path, data in before.items() if path != "smoke/agent.json"}
    assert (git(world.root, "rev-parse", "HEAD"), world.copies()) == (head, [])
    assert not list((world.root / ".wavegate").glob("bisect-*"))


def test_two_that_only_fail_together_through_noise(tmp_path: Path) -> None:
    world = BisectWorld(tmp_path, good=0.98, bad=0.1)
    world.setting["breaks"] = [["REFUND", "// faster"]]
    world.change(MANY)
    assert causes(world.found()) == [["ApexClass:ShipmentStatus", "GenAiPromptTemplate:Support_Resolution"]]


def test_two_causes_and_the_forms_of_the_answer(world: BisectWorld) -> None:
    world.setting["breaks"] = [["REFUND"], ["other host"]]
    world.change(MANY)
    assert sorted(causes(world.found(*QUICK))) == [
        ["GenAiPromptTemplate:Support_Resolution"],
        ["NamedCredential:Shipments"],
    ]
    code, text, progress = world.bisect(*QUICK)
    assert code == 0
    assert text.startswith("FOUND: 2 causes, each of which makes")
    assert "suspects left" in progress
    code, markdown, _ = world.bisect(*QUICK, "--format", "markdown")
    assert "```mermaid\nflowchart LR\n" in markdown


def test_decision_files_name_the_two_releases(world: BisectWorld) -> None:
    world.setting["breaks"] = [["REFUND"]]
    world.change({PROMPT: "+ REFUND", CLASS: "+// faster"})
    (world.root / "decisions").mkdir()
    for day, (commit, verdict) in enumerate([(world.good, Verdict.PASS), (world.bad, Verdict.FAIL)], start=1):
        whole = decision("readiness", commit=commit)
        row = msgspec.structs.replace(whole.tests[0], test="case-summary-quality", verdict=verdict)
        moment = datetime(2026, 3, day, tzinfo=UTC)
        made = msgspec.structs.replace(
            whole, release=f"wave-{day}", time=moment, tests=(row,), violations=(), waivers=()
        )
        (world.root / "decisions" / f"{day}.json").write_bytes(to_json(made))
    report = world.found("--decision", "decisions", *QUICK)
    assert (report["good"]["name"], report["bad"]["name"]) == ("wave-1", "wave-2")
    assert causes(report) == [["GenAiPromptTemplate:Support_Resolution"]]


def test_a_renamed_template_goes_with_what_refers_to_it(world: BisectWorld) -> None:
    new = PROMPT.replace("Support_Resolution", "Case_Resolution")
    text = (world.root / PROMPT).read_text().replace("Support_Resolution", "Case_Resolution")
    functions = {
        str(path.relative_to(world.root)): path.read_text().replace("Support_Resolution", "Case_Resolution")
        for path in (world.root / DEFAULT / "genAiFunctions").rglob("*.xml")
        if "Support_Resolution" in path.read_text()
    }
    assert functions
    world.setting["breaks"] = [["Case_Resolution"]]
    world.change({new: text, **functions, CLASS: "+// faster", FLOW: "+<!-- x -->"}, deleted=(PROMPT,))
    code, output, errors = world.bisect("--format", "json", *QUICK)
    assert code == 0, errors
    report = json.loads(output)
    units = {each["id"]: each for each in report["units"]}
    change = units["GenAiPromptTemplate:Case_Resolution"]
    assert change["components"] == [{"component": "GenAiPromptTemplate:Case_Resolution", "change": "added"}]
    names = {Path(path).parent.name for path in functions}
    for name in names:
        assert units[f"GenAiFunction:{name}"]["requires"] == ["GenAiPromptTemplate:Case_Resolution"]
    assert {f"GenAiFunction:{each}" for each in names} <= set(
        units["GenAiPromptTemplate:Support_Resolution"]["requires"]
    )
    assert causes(report) == [["GenAiPromptTemplate:Case_Resolution"]]
    assert not [path for each in report["units"] for path in each["files"] if path.startswith("agentforce/")]


def test_a_deleted_flow_is_restored_in_the_release_without_its_deletion(world: BisectWorld) -> None:
    # the program breaks when the flow's own text is gone
    script = (world.root / "smoke" / "agent.py").read_text()
    (world.root / "smoke" / "agent.py").write_text(
        script.replace(
            "broken = any(",
            'broken = not any(path.name.startswith("Update_Case") '
            'and path.suffix == ".xml" and "flows" in path.parts for path in files) or any(',
        )
    )
    world.change({CLASS: "+// faster", PROMPT: "+ more"}, deleted=(FLOW,))
    report = world.found(*QUICK)
    (cause,) = report["causes"]
    assert [each["id"] for each in cause["changes"]] == ["Flow:Update_Case_Status"]
    assert cause["changes"][0]["components"][0]["change"] == "removed"


def test_hostile_names_stay_text(world: BisectWorld) -> None:
    hostile = "::error::owned `$(touch owned)` ${{ secrets.X }} <b>|@acme"
    path = f"force-app/main/default/lwc/{hostile}.txt"
    world.setting["breaks"] = [["OWNED"]]
    world.change({path: "OWNED", CLASS: "+// faster", PROMPT: "+ more"})
    report = world.found(*QUICK)
    assert [each["files"] for each in report["causes"][0]["changes"]] == [[path]]
    for form in ("text", "markdown"):
        code, output, errors = world.bisect(*QUICK, "--format", form)
        assert code == 0
        shown = output.splitlines() + errors.splitlines()
        assert not [line for line in shown if line.lstrip().startswith("::")]
        assert form == "text" or "<b>" not in output
    assert not list(world.root.rglob("owned"))


def test_a_killed_process_goes_on_where_it_was_and_its_copies_are_removed(world: BisectWorld) -> None:
    log = world.root.parent / "log"
    world.setting["breaks"] = [["REFUND"]]
    world.change(MANY)
    more = ("--pass-env", "RUN_LOG", "--format", "json")
    ends = ("--good", world.good, "--bad", world.bad)
    with world.start("case-summary-quality", *ends, *PROGRAM, *more, RUN_LOG=str(log)) as process:
        deadline = time.monotonic() + 60
        while not (log.exists() and log.read_text().count("run") >= 31) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert world.copies()
    process = world.start("case-summary-quality", *ends, *PROGRAM, *more, RUN_LOG=str(log))
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert causes(json.loads(output)) == [["GenAiPromptTemplate:Support_Resolution"]]
    assert world.copies() == []
    # at most the run that was in progress is made twice
    assert log.read_text().count("run") <= json.loads(output)["runs"] + 1


def test_a_spent_budget_is_inconclusive_and_a_larger_one_goes_on(world: BisectWorld) -> None:
    world.setting["breaks"] = [["REFUND"]]
    world.change(MANY)
    code, output, _ = world.bisect("--max-runs", "4", *QUICK)
    assert code == 5
    assert output.startswith("INCONCLUSIVE: The cause is not settled, in 4 runs: the runs of --max-runs are spent;")
    assert "GenAiPromptTemplate:Support_Resolution" in output.partition("Suspects left")[2]
    assert causes(world.found(*QUICK)) == [["GenAiPromptTemplate:Support_Resolution"]]


def test_a_release_that_the_program_cannot_run_is_neither_good_nor_bad(world: BisectWorld) -> None:
    world.setting |= {"breaks": [["REFUND"]], "error": "// faster"}
    world.change(MANY)
    code, output, _ = world.bisect(*QUICK)
    assert code == 5
    assert "too many runs could not be judged" in output
    assert "the service is away" in output


def test_releases_that_do_not_differ_are_told_so(world: BisectWorld) -> None:
    world.change(MANY)
    code, output, _ = world.bisect(*QUICK)
    assert code == 5
    assert "The two releases are not proven to differ" in output
    world.good, world.bad = world.bad, world.good
    world.setting["breaks"] = [["REFUND"]]
    code, output, _ = world.bisect(*QUICK)
    assert code == 5
    assert "exchange --good and --bad" in output


def test_a_link_in_a_release_that_leads_out_is_refused(world: BisectWorld) -> None:
    world.setting["breaks"] = [["REFUND"]]
    outside = world.root.parent / "outside"
    outside.mkdir()
    link = world.root / DEFAULT / "lwc"
    link.symlink_to(outside)
    world.change({PROMPT: "+ REFUND"})
    link.unlink()
    code, _, errors = world.bisect(*QUICK)
    assert code == 2
    assert "leads out of the checkout" in errors
    assert world.copies() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing", "--good", "HEAD", "--bad", "HEAD"), "No pack has the test nothing."),
        (("case-summary-quality", "--good", "HEAD"), "Name both releases with --good and --bad"),
        (("case-summary-quality", "--good", "HEAD", "--bad", "HEAD"), "are the same"),
        (("case-summary-quality", "--good", "HEAD", "--bad", "none"), "none is not a commit of this repository"),
        (("case-summary-quality", "--good", "HEAD", "--bad", "HEAD", "--decision", "x.json"), "leave --good and"),
        (("case-summary-quality", "--good", "HEAD", "--bad", "HEAD", "--environment", "moon"), "moon"),
    ],
)
def test_wrong_input_is_one_message(world: BisectWorld, arguments: tuple[str, ...], message: str) -> None:
    process = world.start(*arguments, "--command", "true")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert message in errors
    assert "Traceback" not in errors


def test_without_a_program_nothing_runs(world: BisectWorld) -> None:
    process = world.start("case-summary-quality", "--good", "HEAD", "--bad", "HEAD")
    assert "There is no program that runs the test." in process.communicate(timeout=60)[1]
