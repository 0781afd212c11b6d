"""From the values of a manifest file to the model. Durations become timedeltas; one or more owners, a tuple."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from wavegate.duration import parse_duration
from wavegate.release.freeze import Freeze, parse_weekly, parse_window
from wavegate.release.manifest import (
    Agent,
    AgentByEnvironment,
    Budget,
    Canary,
    CanaryMetric,
    CanaryStep,
    Capability,
    ClassApproval,
    Cohort,
    Detail,
    Environment,
    HealthSettings,
    Included,
    Journey,
    Kind,
    Manifest,
    Owners,
    PackGate,
    Price,
    Role,
    RollbackProcedure,
    RollbackStrategy,
    Strategy,
    SupportReadiness,
    Threshold,
)
from wavegate.release.notify_settings import USUAL_EVENTS, NotifyEvent, NotifySettings, SignedWebhook

Values = Mapping[str, Any]


_METADATA = re.compile(r"[A-Za-z][A-Za-z0-9]*:")
"""How `Type:FullName` starts, in contrast to a path."""

_SETTINGS = {
    "minimumSessions": "minimum_sessions",
    "confidence": "confidence",
    "maximumCopiedClasses": "maximum_copied_classes",
    "reachesEveryone": "reaches_everyone",
    "stop": "stop",
    "dryRun": "dry_run",
}
_DURATIONS = {"initialDelay": "initial_delay", "interval": "interval", "progressDeadline": "progress_deadline"}
_USUAL_GATE, _NO_OWNERS = PackGate(), Owners()


def build_manifest(values: Values, *, path: str, digest: str) -> Manifest:
    """The manifest of values that `manifest.schema.json` has accepted."""
    review = values.get("review", {})
    return Manifest(
        release=values["release"],
        environments=_environments(values["environments"]),
        owners=_build_owners(values["owners"]) if "owners" in values else _NO_OWNERS,
        agents=tuple(_agent(each) for each in values.get("agents", ())),
        details=_details(values.get("components", {})),
        capabilities=_capabilities(values.get("components", {})),
        journeys=tuple(_journey(name, each) for name, each in values.get("journeys", {}).items()),
        roles=tuple(_role(name, each) for name, each in values.get("roles", {}).items()),
        classes=tuple(_class_approval(name, each) for name, each in values.get("classes", {}).items()),
        support=SupportReadiness(**values.get("support", {})),
        include=tuple(_included(each) for each in values.get("include", ())),
        rollback=tuple(_procedure(kind, each) for kind, each in values.get("rollback", {}).items()),
        cohorts=tuple(_cohort(name, each) for name, each in values.get("cohorts", {}).items()),
        readiness=values.get("readiness", "warn"),
        resume=values.get("resume", False),
        maximum_deletions=values.get("maximumDeletions", 0.25),
        allow_deletions=values.get("allowDeletions", False),
        price_per_conversation=_price(values),
        freeze=tuple(_freeze(each) for each in values.get("freeze", ())),
        notify=_notify(values["notify"]) if "notify" in values else None,
        review_cadence=_duration(review.get("cadence")),
        review_owner=review.get("owner"),
        path=path,
        digest=digest,
    )


def _agent(entry: Values) -> Agent | AgentByEnvironment:
    name, version = entry["name"], entry.get("version")
    if isinstance(version, dict):
        return AgentByEnvironment(name=name, versions=version)
    return Agent(name=name, version=version)


def _environments(entries: list[Values]) -> tuple[Environment, ...]:
    environments: list[Environment] = []
    for entry in entries:
        environments.append(_environment(entry, before=environments[-1] if environments else None))
    return tuple(environments)


def _environment(entry: Values, *, before: Environment | None) -> Environment:
    prompts, actions = entry.get("prompts"), entry.get("actions")
    if prompts is None and actions is None and before is not None:
        prompts, actions = before.prompts, before.actions
    gate = _gate(entry.get("gate", {}))
    rollout = entry.get("rollout", "all-at-once")
    pilot_users = tuple(entry.get("pilotUsers", ()))
    return Environment(
        name=entry["name"],
        prompts=tuple(prompts or ()),
        actions=tuple(actions or ()),
        org=entry.get("org", entry["name"]),
        expected_org=entry.get("expectedOrg"),
        rollout=rollout,
        states_rollout="rollout" in entry,
        pilot_users=pilot_users,
        gate=gate,
        verify=_verify(entry.get("verify", {}), gate),
        canary=_canary(entry.get("canary", {}), pilot_users) if rollout == "canary" or "canary" in entry else None,
        telemetry=entry.get("telemetry"),
        health=_health(entry["health"]) if "health" in entry else None,
    )


def _gate(entry: Values) -> PackGate:
    if not entry:
        return _USUAL_GATE
    packs = entry.get("packs")
    return PackGate(
        packs=None if packs is None else tuple(packs), max_evidence_age=_duration(entry.get("maxEvidenceAge"))
    )


def _verify(entry: Values, gate: PackGate) -> PackGate:
    if not entry and gate.max_evidence_age is None:
        return gate
    return _gate({"packs": gate.packs, **entry})


def _canary(entry: Values, pilot_users: tuple[str, ...]) -> Canary:
    first = (CanaryStep(cohorts=pilot_users),) if pilot_users else ()
    steps = tuple(_step(each) for each in entry.get("steps", ()))
    return Canary(
        steps=steps or (*first, CanaryStep(cohorts=None, pause="approval")),
        metrics=tuple(_metric(each) for each in entry.get("metrics", ())),
        policy_budget=_budgets(entry),
        **(_looks(entry) if entry else {}),
    )


def _looks(entry: Values) -> dict[str, Any]:
    """The settings that a canary has for its checks, by field name; fields without a setting keep their defaults."""
    settings: dict[str, Any] = {field: entry[key] for key, field in _SETTINGS.items() if key in entry}
    settings |= {field: _duration(entry[key]) for key, field in _DURATIONS.items() if key in entry}
    if window := entry.get("baseline", {}).get("window"):
        settings["baseline_window"] = _duration(window)
    return settings


def _step(entry: Values) -> CanaryStep:
    cohorts = entry["cohorts"]
    return CanaryStep(cohorts=None if cohorts == "all" else tuple(cohorts), pause=entry.get("pause"))


def _metric(entry: Values) -> CanaryMetric:
    return CanaryMetric(
        name=entry["name"],
        direction=entry.get("direction"),
        margin=entry.get("margin"),
        margin_ratio=entry.get("marginRatio"),
        guard=entry.get("guard", False),
    )


def _budgets(entry: Values) -> dict[str, Budget]:
    return {level: _budget(each) for level, each in entry.get("policyBudget", {}).items()}


def _health(entry: Values) -> HealthSettings:
    settings: dict[str, Any] = {"confidence": entry["confidence"]} if "confidence" in entry else {}
    if "window" in entry:
        settings["window"] = _duration(entry["window"])
    thresholds = tuple(Threshold(**each) for each in entry["thresholds"])
    return HealthSettings(thresholds=thresholds, policy_budget=_budgets(entry), **settings)


def _budget(entry: int | Values) -> Budget:
    return Budget(count=entry) if isinstance(entry, int) else Budget(per_thousand=entry["perThousand"])


def _build_owners(entry: Values) -> Owners:
    return Owners(
        release=_owners(entry.get("release")),
        dashboards=_owners(entry.get("dashboards")),
        escalations=_owners(entry.get("escalations")),
        kill_switch=_owners(entry.get("killSwitch")),
    )


def _owners(entry: str | list[str] | None) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry or ())


def _details(components: Values) -> tuple[Detail, ...]:
    return tuple(
        Detail(kind=Kind(kind), name=name, **entry | _acceptance(entry))
        for kind in (Kind.PROMPTS, Kind.ACTIONS)
        for name, entry in components.get(kind.value, {}).items()
    )


def _capabilities(components: Values) -> tuple[Capability, ...]:
    kinds: tuple[Literal["agents", "topics"], ...] = ("agents", "topics")
    return tuple(
        Capability(kind=kind, name=name, **_acceptance(entry))
        for kind in kinds
        for name, entry in components.get(kind, {}).items()
    )


def _acceptance(entry: Values) -> dict[str, Any]:
    """The acceptance criteria as texts and as names of tests, both by `answer`, `act`, `ask` and `escalate`."""
    criteria = entry.get("acceptance", {})
    return {
        "acceptance": {when: each if isinstance(each, str) else each["text"] for when, each in criteria.items()},
        "acceptance_tests": {when: each["test"] for when, each in criteria.items() if not isinstance(each, str)},
    }


def _journey(name: str, entry: Values) -> Journey:
    return Journey(name=name, tests=tuple(entry["tests"]), owner=entry.get("owner"))


def _role(name: str, entry: Values) -> Role:
    return Role(name=name, owners=_owners(entry["owner"]), owns=tuple(entry.get("owns", ())))


def _class_approval(name: str, entry: Values) -> ClassApproval:
    return ClassApproval(name=name, roles=tuple(entry["approval"]))


def _included(entry: str | Values) -> Included:
    if not isinstance(entry, str):
        return Included(**entry)
    return Included(metadata=entry) if _METADATA.match(entry) else Included(path=entry)


def _procedure(kind: str, entry: Values) -> RollbackProcedure:
    return RollbackProcedure(
        kind=Kind(kind),
        strategy=RollbackStrategy(entry["strategy"]),
        runbook=entry.get("runbook"),
        owner=entry.get("owner"),
    )


def _cohort(name: str, entry: Values) -> Cohort:
    return Cohort(
        name=name,
        strategy=Strategy(entry["strategy"]) if "strategy" in entry else None,
        permission_set=entry.get("permissionSet"),
        group=entry.get("group"),
        users=tuple(entry.get("users", ())),
        live_agent=entry.get("liveAgent", "keep"),
        flow=entry.get("flow"),
        constant=entry.get("constant"),
        value=entry.get("value"),
    )


def _freeze(entry: Values) -> Freeze:
    weekly = entry.get("weekly")
    return Freeze(
        window=parse_weekly(weekly["from"], weekly["to"]) if weekly else parse_window(entry["from"], entry["to"]),
        time_zone=entry["timeZone"],
        reason=entry["reason"],
        environments=tuple(entry.get("environments", ())),
        passes=tuple(each.removeprefix("@") for each in entry.get("pass", ())),
    )


def _notify(entry: Values) -> NotifySettings:
    issue = entry.get("issue")
    return NotifySettings(
        on=tuple(NotifyEvent(each) for each in entry.get("on", USUAL_EVENTS)),
        slack=entry.get("slack"),
        teams=entry.get("teams"),
        webhook=SignedWebhook(**entry["webhook"]) if "webhook" in entry else None,
        issue_labels=None if issue is None else tuple(issue.get("labels", ())),
        discussion_category=entry.get("discussion", {}).get("category"),
    )


def _price(values: Values) -> Price | None:
    amount = values.get("pricePerConversation")
    return None if amount is None else Price(amount=amount, currency=values.get("currency", "USD"))


def _duration(text: str | None) -> timedelta | None:
    return parse_duration(text) if text else None
