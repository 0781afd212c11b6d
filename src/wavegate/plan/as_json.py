"""A plan as JSON, and its shards as the matrix of a workflow."""

import json
from collections.abc import Sequence

from wavegate.census.report import census_values
from wavegate.components.changes import ComponentChange
from wavegate.components.component import Component
from wavegate.findings.as_json import finding_values
from wavegate.guardrails.diff.as_json import change_values
from wavegate.pilot.shown.as_json import pilot_values
from wavegate.plan.values import Plan, Shard
from wavegate.statistics.canary.power_report import canary_power_values
from wavegate.statistics.power_report import power_values
from wavegate.text import slug


def plan_json(plan: Plan) -> str:
    """The whole plan as one object; component names are `Type:FullName`."""
    scope = plan.scope
    report = {
        "release": plan.release,
        "environment": plan.environment,
        "commit": plan.commit,
        "content": plan.content,
        "live": plan.since,
        "apiVersion": plan.api_version,
        "components": [_component(each) for each in scope.components],
        "edges": [{"source": str(each.source), "target": str(each.target)} for each in scope.edges],
        "outside": [{"source": str(each.source), "target": str(each.target)} for each in scope.outside],
        "external": [str(each) for each in scope.external],
        "changes": [_change(each) for each in plan.changes],
        "stages": [[str(each.id) for each in stage] for stage in plan.stages],
        "pilot": plan.pilot and pilot_values(plan.pilot),
        "guardrails": None if plan.guardrails is None else [change_values(each) for each in plan.guardrails],
        "steps": list(plan.steps),
        "shards": [_shard(each) for each in plan.shards],
        "verifyShards": [_shard(each) for each in plan.verify_shards],
        "census": census_values(plan.census),
        "power": [power_values(each) for each in plan.powers],
        "canaryPower": [canary_power_values(each) for each in plan.canary_powers],
        "findings": [finding_values(each) for each in plan.findings],
    }
    return json.dumps(report, indent=2)


def artifact_prefix(plan: Plan) -> str:
    """Prefix of the names of this promotion's artifacts."""
    return f"wavegate-{slug(plan.environment)}-{slug(plan.release)}"


def shards_json(shards: Sequence[Shard], *, prefix: str) -> str:
    """The shards on one line, for `matrix: {include: ${{ fromJSON(…) }}}`; an empty list starts no job.

    prefix: of the artifacts that keep the shards' observations; only characters that artifact names allow.
    """
    numbered = enumerate(shards, 1)
    listed = [{**_shard(each), "artifact": f"{prefix}-{number}"} for number, each in numbered]
    return json.dumps(listed, separators=(",", ":"))


def _component(component: Component) -> dict[str, object]:
    kind = component.kind
    return {"component": str(component.id), "kind": kind and kind.value, "paths": list(component.paths)}


def _change(change: ComponentChange) -> dict[str, str]:
    reason = {"reason": change.reason} if change.reason else {}
    return {"component": str(change.component.id), "change": change.kind.value, **reason}


def _shard(shard: Shard) -> dict[str, object]:
    return {
        "environment": shard.environment,
        "suite": shard.pack.suite,
        "pack": shard.pack.path,
        "shard": f"{shard.part}/{shard.of}",
        "runs": shard.runs,
        "conversations": shard.conversations,
        "until-settled": shard.pack.runs == "until-settled",
    }
