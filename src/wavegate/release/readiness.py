"""Readiness: whether a release has owners, rollback procedures and acceptance criteria.

`readiness: warn` reports gaps as warnings, `readiness: enforce` as errors.
"""

from collections.abc import Iterator

from wavegate.findings.finding import Finding, Locate, Severity
from wavegate.release.manifest import Kind, Manifest
from wavegate.text import join_names

_OWNERS = {
    "release": "release",
    "dashboards": "dashboards",
    "escalations": "escalations",
    "kill_switch": "killSwitch",
}
_PROCEDURES = {Kind.PROMPTS: (Kind.PROMPTS,), Kind.ACTIONS: (Kind.ACTIONS, Kind.FLOWS, Kind.APEX)}
"""Kinds whose procedure covers a listed kind: an action does what its flow or Apex does."""


def readiness_findings(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    """Readiness gaps as warnings or errors, one finding per area: owners, rollback, acceptance."""
    severity = Severity.ERROR if manifest.readiness == "enforce" else Severity.WARNING
    missing = [key for field, key in _OWNERS.items() if not getattr(manifest.owners, field)]
    if missing:
        yield Finding(
            rule="readiness/no-owners",
            severity=severity,
            location=locate("owners", key=True),
            message=f"No owner for {join_names(missing)}.",
            fix='Name a GitHub user or team for each under `owners`, such as `release: "@organization/team"`.',
        )
    yield from _rollback(manifest, locate, severity)
    yield from _acceptance(manifest, locate, severity)


def _rollback(manifest: Manifest, locate: Locate, severity: Severity) -> Iterator[Finding]:
    shipped = {
        Kind.PROMPTS: any(each.prompts for each in manifest.environments),
        Kind.ACTIONS: any(each.actions for each in manifest.environments),
    }
    described = {each.kind for each in manifest.rollback}
    missing = [kind for kind, ships in shipped.items() if ships and described.isdisjoint(_PROCEDURES[kind])]
    if missing:
        yield Finding(
            rule="readiness/no-rollback-procedure",
            severity=severity,
            location=locate("rollback", key=True),
            message=f"No rollback procedure for {join_names(missing)}, which the release ships.",
            fix="Add one for each kind under `rollback`, such as `prompts: {strategy: restore}`.",
        )


def _acceptance(manifest: Manifest, locate: Locate, severity: Severity) -> Iterator[Finding]:
    details = {each.name: each for each in manifest.details if each.kind is Kind.ACTIONS}
    listed_actions = dict.fromkeys(name for each in manifest.environments for name in each.actions)
    missing = [name for name in listed_actions if name not in details or not details[name].acceptance]
    high = [name for name in missing if name in details and details[name].impact == "high"]
    if missing:
        first = next(index for index, each in enumerate(manifest.environments) if missing[0] in each.actions)
        yield Finding(
            rule="readiness/no-acceptance-criteria",
            # acceptance criteria are recommended for an ordinary action and required for a high-impact one
            severity=severity if high else Severity.NOTICE,
            location=locate("components", "actions", high[0], key=True)
            if high
            else locate("environments", first, "actions", key=True),
            message=f"No acceptance criteria for {join_names(high or missing)}.",
            fix="Write them under `components.actions.<name>.acceptance`: when to answer, act, ask and escalate.",
        )
