"""The result as JSON: `schemas/guardrails-mutation.schema.json`."""

import json
from typing import Any

from wavegate.guardrails.mutate.propose import ProposedTest
from wavegate.guardrails.mutate.report import MutationReport, Survivor
from wavegate.guardrails.mutate.values import Bound, Judgement, Mutant


def mutation_json(report: MutationReport) -> str:
    """One object. `score` is null if no mutant is decided."""
    return json.dumps(
        {
            "schema": 1,
            "verdict": report.verdict,
            "score": report.score,
            "agents": list(report.agents),
            "packs": list(report.packs),
            "runs": report.runs,
            "budget": report.budget,
            "mutants": [_judgement(each) for each in report.judgements],
            "sortedOut": [
                {**_mutant(each), "reason": each.equivalent or each.redundant} for each in report.sorted_out
            ],
            "survivors": [_survivor(each) for each in report.survivors],
            "unusableTests": list(report.unusable),
            "errors": list(report.errors),
            "notMutated": [_bound(each) for each in report.unchanged],
        },
        indent=2,
    )


def _mutant(mutant: Mutant) -> dict[str, Any]:
    return {
        "id": mutant.id,
        "bound": mutant.bound.id,
        "mutation": mutant.mutation.value,
        "change": mutant.change,
        "file": mutant.bound.location.file,
        "line": mutant.bound.location.line,
        "widens": mutant.widens,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        **_mutant(judgement.mutant),
        "verdict": judgement.verdict.value,
        "test": judgement.killer,
        "runs": judgement.runs,
        "reason": judgement.reason,
    }


def _bound(bound: Bound) -> dict[str, Any]:
    return {
        "id": bound.id,
        "kind": bound.kind.value,
        "agent": bound.agent,
        "topic": bound.topic,
        "text": bound.text,
        "file": bound.location.file,
        "line": bound.location.line,
    }


def _survivor(survivor: Survivor) -> dict[str, Any]:
    return {
        **_bound(survivor.bound),
        "mutants": [each.mutant.id for each in survivor.judgements],
        "reason": survivor.judgements[0].reason,
        "proposed": _proposed(survivor.proposed),
    }


def _proposed(test: ProposedTest) -> dict[str, Any]:
    steps = test.conversation.steps if test.conversation else ()
    return {
        "test": dict(test.entry),
        "policies": {test.name: dict(test.policy)} if test.policy else {},
        "spec": test.spec,
        "case": dict(test.case),
        "conversation": list(steps),
    }
