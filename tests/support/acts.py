"""Acts in the ledger of the GitHub double, as the commands write them."""

from datetime import UTC, datetime
from typing import Any

from tests.doubles.github import GitHubDouble

from wavegate.ledger.acts.act import ACT_TASK, Act, ActKind, act_payload, parse_act

MANIFEST = "agentforce/release.yml"


def record_act(github: GitHubDouble, environment: str, kind: ActKind, **more: Any) -> None:
    """Record an act of `@grace`. more: further fields of it."""
    given: dict[str, Any] = {"time": datetime.now(UTC), "actor": "grace", "reason": "wrong refunds"}
    act = Act(kind=kind, **given | more)
    commit = github.state.head(github.state.branch)
    assert commit
    github.deploy(environment, commit, payload=act_payload(act), task=ACT_TASK, statuses=("inactive",))


def recorded_acts(github: GitHubDouble, environment: str) -> list[Act]:
    """The acts of an environment, oldest first."""
    found = (each for each in github.deployments if each.environment == environment and each.task == ACT_TASK)
    return [act for each in found if (act := parse_act(each.payload, act_id=str(each.id)))]
