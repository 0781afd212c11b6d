"""A checkout with a smoke pack, an org to test in, and `wavegate smoke` as a process between them."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce import SalesforceDouble, center_case
from tests.support.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = """
release: wave-3
agents: [{name: Support_Agent}]
environments:
  - {name: uat, prompts: [support-resolution-v5]}
  - {name: production, gate: {packs: [readiness]}}
"""
PACK: dict[str, Any] = {
    "suite": "readiness",
    "runs": 2,
    "policies": {"no-pii": {"pii": ["email"], "forbiddenActions": ["Export_Contacts"]}},
    "tests": [
        "Quality",
        {"name": "pii-check", "definition": "Pii", "kind": "action-safety", "severity": "critical",
         "policies": ["no-pii"]},
    ],
    "passCriteria": {"minimumSuccessRate": 0.9},
}  # fmt: skip
SECRET = "jane@example.org"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a manifest and a pack."""
    root = tmp_path / "checkout"
    (root / "agentforce" / "packs").mkdir(parents=True)
    (root / "agentforce" / "release.yml").write_text(MANIFEST)
    (root / "agentforce" / "packs" / "readiness.json").write_text(json.dumps(PACK))
    return root


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    """An org with an agent and the definitions of both tests."""
    with SalesforceDouble() as double:
        double.records.add_bot("Support_Agent", versions=3, active=3)
        double.testing.define("Quality", cases=[center_case(1), center_case(2)])
        double.testing.define("Pii")
        yield double


def environment_of(checkout: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a step. more: further variables."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_OUTPUT": str(checkout / "outputs"),
        "GITHUB_STEP_SUMMARY": str(checkout / "summary.md"),
        **more,
    }


def start(checkout: Path, environment: Mapping[str, str], *arguments: str) -> Forked:
    """Start the command."""
    return Forked(("smoke", "uat", *arguments), environment_of(checkout, environment), folder=checkout)


def smoke(checkout: Path, environment: Mapping[str, str], *arguments: str) -> tuple[int | None, str]:
    """Run the command; its exit code and what it says."""
    process = start(checkout, environment, *arguments)
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def observed(checkout: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (checkout / "observations.jsonl").read_text().splitlines()]


def shape(checkout: Path) -> list[tuple[str, int, str, str]]:
    return [(each["test"], each.get("run", 1), each.get("case", "1"), each["outcome"]) for each in observed(checkout)]
