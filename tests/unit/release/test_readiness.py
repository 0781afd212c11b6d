"""What a release lacks before it may ship, by the kinds of what it ships."""

from dataclasses import replace
from typing import Literal

import pytest
from tests.support.projects import manifest
from tests.support.releases import environment

from wavegate.findings.finding import Location
from wavegate.release.manifest import Kind, RollbackProcedure, RollbackStrategy
from wavegate.release.readiness.procedures import listed_kinds, procedure_findings

PLACE = Location(file="agentforce/release.yml", line=3)


def locate(*parts: str | int, key: bool = False) -> Location:
    assert (parts, key) == (("rollback",), True)
    return PLACE


def procedure(kind: Kind) -> RollbackProcedure:
    return RollbackProcedure(kind=kind, strategy=RollbackStrategy.RESTORE)


@pytest.mark.parametrize(
    ("kinds", "described", "missing"),
    [
        ([Kind.PROMPTS], [], "`prompts`"),
        ([Kind.PROMPTS], [Kind.PROMPTS], None),
        ([Kind.ACTIONS, Kind.FLOWS], [Kind.FLOWS], None),
        ([Kind.ACTIONS], [Kind.APEX], None),
        ([Kind.APEX, Kind.CREDENTIALS], [Kind.PROMPTS], "`apex` and `credentials`"),
        ([Kind.AGENTS, Kind.PERMISSIONS], [], None),
        ([], [], None),
    ],
)
@pytest.mark.parametrize(
    ("readiness", "rehearsed", "severity"),
    [("warn", False, "warning"), ("warn", True, "error"), ("enforce", False, "error"), ("enforce", True, "error")],
)
def test_a_kind_that_ships_without_a_procedure_is_one_finding(
    kinds: list[Kind],
    described: list[Kind],
    missing: str | None,
    readiness: Literal["warn", "enforce"],
    *,
    rehearsed: bool,
    severity: str,
) -> None:
    given = manifest(rollback=tuple(procedure(each) for each in described), readiness=readiness)
    found = list(procedure_findings(given, locate, frozenset(kinds), rehearsed=rehearsed))
    assert [(each.rule, each.severity, each.location) for each in found] == (
        [("readiness/no-rollback-procedure", severity, PLACE)] if missing else []
    )
    assert [each.message for each in found] == (
        [f"No rollback procedure for {missing}, which the release ships."] if missing else []
    )


def test_without_a_project_the_manifest_says_what_ships() -> None:
    assert listed_kinds(manifest()) == frozenset()
    environments = (environment("uat", prompts=("a",)), environment("production", actions=("b",)))
    assert listed_kinds(replace(manifest(), environments=environments)) == {Kind.PROMPTS, Kind.ACTIONS}
