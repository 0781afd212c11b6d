"""Packs against the project: the definitions that they name, and criteria that no result can meet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.support.definitions import definition, definition_path, spec
from tests.support.projects import Files

from wavegate.census.definition_names import definition_findings
from wavegate.census.pack_check import pack_findings_in
from wavegate.census.read import definition_names, read_census, read_specs
from wavegate.components.manifest_names.names import at_file
from wavegate.components.project import read_project
from wavegate.findings.finding import Finding
from wavegate.release.pack import Criteria, Pack, PackTest, Policy, RunBudget, Runs

BASE = "force-app/main/default"
DEFINITIONS = {
    f"{BASE}/aiEvaluationDefinitions/Employee_agent_tests.aiEvaluationDefinition-meta.xml": "",
    f"{BASE}/aiTestingDefinitions/Studio_tests.aiTestingDefinition-meta.xml": "",
}


def definitions(*names: str | None, files: Mapping[str, str] = DEFINITIONS) -> list[Finding]:
    tests = tuple(PackTest(name=f"t{index}", definition=name) for index, name in enumerate(names))
    pack = Pack(suite="s", tests=tests, criteria=Criteria(minimum_success_rate=0.9), path="packs/s.json")
    source = Files(files)
    return list(
        definition_findings(
            pack, at_file(pack.path), definition_names(read_project(source), read_specs([pack], source))
        )
    )


@pytest.mark.parametrize(
    "name",
    [
        None,
        "Employee_agent_tests",
        "studio_TESTS",
        "AiEvaluationDefinition:Employee_agent_tests",
        "aitestingdefinition:Studio_tests",
    ],
)
def test_a_definition_of_the_project_is_found(name: str | None) -> None:
    assert definitions(name) == []


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Employee_agent_testz", "Did you mean `Employee_agent_tests`?"),
        ("AiEvaluationDefinition:Nope", "Correct the name"),
        ("AiEvaluationDefinition:Studio_tests", "Correct the name"),
        ("specs/x.yaml", "unless every org has the definition"),
    ],
)
def test_a_definition_that_the_project_does_not_have_is_a_warning(name: str, suggested: str) -> None:
    (finding,) = definitions("Employee_agent_tests", name)
    assert (finding.rule, finding.severity, suggested in finding.fix) == ("pack/unknown-definition", "warning", True)


def test_a_project_without_definitions_keeps_them_in_the_org() -> None:
    assert definitions("Anything", files={}) == []
    assert [each.rule for each in definitions("AiTestingDefinition:X", files={})] == ["pack/unknown-definition"]


def test_a_spec_counts_as_a_definition() -> None:
    files = {"specs/Support_Safety-testSpec.yaml": spec("Support_Safety")}
    assert definitions("Support_Safety", files=files) == []
    (finding,) = definitions("Suport_Safety", files=files)
    assert (finding.rule, finding.fix.endswith("Did you mean `support_safety`?")) == ("pack/unknown-definition", True)


@pytest.mark.parametrize(
    ("test", "count"), [("employee-agent-tests", 1), ("Employee_agent_tests", 0), ("booking", 0)]
)
def test_a_test_with_the_name_of_a_definition_but_for_its_hyphens_is_a_warning(test: str, count: int) -> None:
    pack = pack_of(PackTest(name=test))
    source = Files(DEFINITIONS)
    found = list(
        definition_findings(
            pack, at_file(pack.path), definition_names(read_project(source), read_specs([pack], source))
        )
    )
    assert [each.rule for each in found] == ["pack/unknown-definition"] * count
    assert all('"definition": "Employee_agent_tests"' in each.fix for each in found)


def pack_of(*tests: PackTest, policies: tuple[Policy, ...] = (), runs: Runs = 1, **criteria: Any) -> Pack:
    made = Criteria(**{"minimum_success_rate": 0.9, **criteria})
    return Pack(suite="s", tests=tests, criteria=made, path="packs/s.json", policies=policies, runs=runs)


def findings(pack: Pack, files: Mapping[str, str]) -> list[Finding]:
    source = Files(files)
    project = read_project(source)
    census = read_census([pack], project, source, read_specs([pack], source))
    located, names = [(pack, at_file(pack.path))], definition_names(project, read_specs([pack], source))
    return list(pack_findings_in(located, project, source, census, definitions=names, today=date(2026, 11, 27)))


def evaluation(cases: int, *, latency: bool = False) -> dict[str, str]:
    measured = "<expectation><name>output_latency_milliseconds</name></expectation>" if latency else ""
    return {f"{BASE}/{definition_path('T')}": definition(cases, more=measured)}


@pytest.mark.parametrize(
    ("cases", "runs", "expected"),
    [(28, 1, ["criteria/too-few-runs"]), (29, 1, []), (1, 28, ["criteria/too-few-runs"]), (1, 29, [])],
)
def test_a_confidence_that_no_result_can_reach_is_a_warning(cases: int, runs: int, expected: list[str]) -> None:
    found = findings(pack_of(PackTest(name="T"), runs=runs, confidence=0.95), evaluation(cases))
    assert [each.rule for each in found] == expected
    assert all(each.severity == "warning" and "28 observations" in each.message for each in found)
    assert all("takes 29" in each.message for each in found)
    assert findings(pack_of(PackTest(name="T"), runs=runs), evaluation(cases)) == []


@pytest.mark.parametrize(("runs", "expected"), [(11, ["criteria/too-few-runs"]), (12, [])])
def test_a_budget_that_no_result_can_pass_within_is_a_warning(runs: int, expected: list[str]) -> None:
    budget = RunBudget(max_runs=runs)
    pack = replace(pack_of(PackTest(name="T"), runs="until-settled", confidence=0.95), budget=budget)
    found = findings(pack, evaluation(3))
    assert [each.rule for each in found] == expected
    assert all(each.fix.startswith("Raise the pack's `budget`") for each in found)


def test_the_runs_are_too_few_only_presumably_where_the_cases_are_unknown() -> None:
    (finding,) = findings(pack_of(PackTest(name="a"), confidence=0.95), {})
    assert (finding.rule, finding.severity) == ("criteria/too-few-runs", "notice")
    assert "if `a` has one case each" in finding.message


@pytest.mark.parametrize(("latency", "expected"), [(True, []), (False, ["criteria/latency-not-measured"] * 2)])
def test_a_limit_on_latency_that_the_definition_does_not_measure_is_a_warning(
    *, latency: bool, expected: list[str]
) -> None:
    policy = Policy(name="fast", max_latency=5000)
    pack = pack_of(PackTest(name="T", policies=("fast",)), policies=(policy,), max_latency_p95=8000)
    assert [each.rule for each in findings(pack, evaluation(2, latency=latency))] == expected
    assert findings(pack, {}) == []
