"""The library desk's own simulator in this process, and its pack and cases as values."""

import json
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from tests.support.library_desk import PATH, PROJECT, SCRIPT

from wavegate.census.values import NOTHING_KNOWN
from wavegate.files.pattern_search import PatternSearch
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.mutate.engine import MutationTesting
from wavegate.guardrails.mutate.plan import MutationPlan, plan_mutations
from wavegate.guardrails.mutate.propose import ProposedTest
from wavegate.guardrails.mutate.reach import TestAim
from wavegate.guardrails.mutate.values import Judgement
from wavegate.guardrails.script.read import read_script_model
from wavegate.release.pack_file import build_pack
from wavegate.smoke.lines import read_case
from wavegate.smoke.values import FinishedRun, PlannedRun
from wavegate.smoke.variants.allowance import RunAllowance
from wavegate.smoke.variants.journal import VariantJournal
from wavegate.smoke.variants.judged import JudgedRuns

AGENT = "Library_Desk"
CASES: dict[str, Any] = json.loads((PROJECT / "smoke" / "cases.json").read_text())
PACK: dict[str, Any] = json.loads((PROJECT / "agentforce" / "packs" / "desk.json").read_text())


def _simulator() -> Any:
    spec = spec_from_file_location("simulate", PROJECT / "smoke" / "simulate.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SIMULATOR = _simulator()


class SimulatedTests:
    """Runs the cases in this process. scripts: of the mutants, by id. runs: how many were made."""

    def __init__(self, cases: dict[str, Any], scripts: Mapping[str, str]) -> None:
        self.cases = cases
        self.scripts = scripts
        self.runs = 0

    def run(self, variant: str, planned: PlannedRun) -> FinishedRun:
        self.runs += 1
        said = SIMULATOR.transcript(self.scripts.get(variant, SCRIPT), self.cases[planned.test])
        return FinishedRun(planned=planned, cases=(read_case(json.dumps(said).encode(), planned),))


def without(*tests: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pack and the cases without some tests."""
    pack = {**PACK, "tests": [each for each in PACK["tests"] if each["name"] not in tests]}
    return pack, {name: case for name, case in CASES.items() if name not in tests}


def with_proposed(
    pack: dict[str, Any], cases: dict[str, Any], test: ProposedTest
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pack and the cases with a test that was proposed, as a person would add it."""
    policies = {**pack.get("policies", {}), **({test.name: dict(test.policy)} if test.policy else {})}
    added = {**pack, "tests": [*pack["tests"], dict(test.entry)], "policies": policies}
    return added, {**cases, test.name: json.loads(json.dumps(test.case))}


def desk_plan(pack: dict[str, Any]) -> MutationPlan:
    """The plan for the desk, whose tests do not say what they are about."""
    aims = [TestAim(key=(pack["suite"], each["name"])) for each in pack["tests"]]
    return plan_mutations(Guardrails(agents={AGENT: read_script_model(SCRIPT, PATH)}), {AGENT: SCRIPT}, aims)


def judge_all(
    folder: Path, pack: dict[str, Any], cases: dict[str, Any], *, budget: int = 500, deterministic: bool = True
) -> tuple[tuple[Judgement, ...], SimulatedTests]:
    """The verdicts on all mutants of the desk, and the tests that ran."""
    plan = desk_plan(pack)
    tests = SimulatedTests(cases, {each.id: each.script for each in plan.mutants})
    with (
        VariantJournal(folder / "journal.jsonl", work="runs", process="process") as journal,
        PatternSearch() as search,
    ):
        built = build_pack(pack, path="desk.json", digest="")
        runs = JudgedRuns(tests, [built], NOTHING_KNOWN, search, journal)
        allowance = RunAllowance(runs=budget, is_over=lambda: False)
        testing = MutationTesting(runs.run, allowance, deterministic=deterministic)
        return tuple(testing.judge(each, plan.tests[each.bound.id]) for each in plan.mutants), tests
