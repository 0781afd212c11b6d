"""The answer as JSON: `schemas/bisect.schema.json`."""

import json
from typing import Any

from wavegate.bisect.sentences import headline
from wavegate.bisect.values import BisectReport, ChangeUnit, Probe, UnitWords
from wavegate.statistics.two_ends import PassCount


def bisect_json(report: BisectReport) -> str:
    """One object."""
    units = {each.id: each for each in report.units}
    values = {
        "schema": 1,
        "verdict": report.verdict,
        "summary": headline(report),
        "suite": report.suite,
        "test": report.test,
        "environment": report.environment,
        "good": {"name": report.good.name, "commit": report.good.commit, **_counts(report.ends.good)},
        "bad": {"name": report.bad.name, "commit": report.bad.commit, **_counts(report.ends.bad)},
        "confidence": report.confidence,
        "deterministic": report.deterministic,
        "causes": [
            {
                "changes": [_unit(units[each], report.words.get(each, UnitWords())) for each in found.culprits],
                "along": list(found.along),
                "leftOut": list(found.dropped),
                "partial": found.partial,
            }
            for found in report.found
        ],
        "suspects": list(report.suspects),
        "stopped": report.stopped.value or None,
        "units": [_unit(each, report.words.get(each.id, UnitWords())) for each in report.units],
        "probes": [_probe(each) for each in report.probes],
        "runs": report.runs,
        "errors": report.errors,
        "maxRuns": report.budget,
        "problem": report.problem or None,
    }
    return json.dumps(values, indent=2)


def _counts(counts: PassCount) -> dict[str, int]:
    return {"passed": counts.passed, "failed": counts.failed}


def _unit(unit: ChangeUnit, words: UnitWords) -> dict[str, Any]:
    return {
        "id": unit.id,
        "kind": unit.kind.value,
        "components": [{"component": name, "change": change} for name, change in unit.members],
        "files": sorted(unit.files),
        "requires": sorted(unit.requires),
        "owners": list(words.owners),
        "texts": list(words.texts),
        "guardrails": list(words.guardrails),
    }


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "number": probe.number,
        "purpose": probe.purpose.value,
        "changes": list(probe.changes),
        **_counts(probe.counts),
        "errors": probe.errors,
        "likeness": probe.likeness.value if probe.likeness else None,
    }
