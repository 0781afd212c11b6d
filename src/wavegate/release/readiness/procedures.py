"""Whether each kind that ships has a rollback procedure."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from wavegate.findings.finding import Finding, Locate, Severity
from wavegate.release.manifest import Kind, Manifest
from wavegate.text import join_names

_PROCEDURES = {
    Kind.PROMPTS: (Kind.PROMPTS,),
    Kind.ACTIONS: (Kind.ACTIONS, Kind.FLOWS, Kind.APEX),
    Kind.FLOWS: (Kind.FLOWS,),
    Kind.APEX: (Kind.APEX,),
    Kind.CREDENTIALS: (Kind.CREDENTIALS,),
}
"""Kinds that need a rollback procedure, and the kinds whose procedure covers them.

An action does what its flow or Apex does. An agent needs no procedure, because its previous version can be activated.
A permission set needs none, because git restores it.
"""
_USUAL = {
    Kind.PROMPTS: "{strategy: restore}",
    Kind.ACTIONS: "{strategy: restore}",
    Kind.FLOWS: "{strategy: activate-previous}",
    Kind.APEX: "{strategy: restore}",
    Kind.CREDENTIALS: "{strategy: manual, runbook: agentforce/runbooks/credentials.md}",
    Kind.AGENTS: "{strategy: disable}",
}
"""The usual procedure of every kind; for agents, the one that a first release needs."""


def procedure_findings(
    manifest: Manifest, locate: Locate, kinds: AbstractSet[Kind], *, rehearsed: bool = False
) -> Iterator[Finding]:
    """The kinds that ship without a rollback procedure, as one warning or error.

    kinds: the kinds that ship: from the closure, or `listed_kinds` without a Salesforce project. rehearsed: whether
    the rollback is rehearsed too, which is incomplete without its procedures.
    """
    missing = missing_procedures(manifest, kinds)
    if missing:
        yield Finding(
            rule="readiness/no-rollback-procedure",
            severity=Severity.ERROR if rehearsed else _severity(manifest),
            location=locate("rollback", key=True),
            message=f"No rollback procedure for {join_names(missing)}, which the release ships.",
            fix=procedures_to_add(manifest, missing),
        )


def listed_kinds(manifest: Manifest) -> frozenset[Kind]:
    """The kinds that the manifest itself names, for a checkout without a Salesforce project."""
    listed = {
        Kind.PROMPTS: any(each.prompts for each in manifest.environments),
        Kind.ACTIONS: any(each.actions for each in manifest.environments),
    }
    return frozenset(kind for kind, ships in listed.items() if ships)


def needed_procedures(kinds: AbstractSet[Kind]) -> list[Kind]:
    """The shipped kinds that need a rollback procedure."""
    return [kind for kind in _PROCEDURES if kind in kinds]


def missing_procedures(manifest: Manifest, kinds: AbstractSet[Kind]) -> list[Kind]:
    """The shipped kinds that need a rollback procedure and have none."""
    described = {each.kind for each in manifest.rollback}
    return [kind for kind, procedures in _PROCEDURES.items() if kind in kinds and described.isdisjoint(procedures)]


def procedures_to_add(manifest: Manifest, kinds: Iterable[Kind]) -> str:
    """What to write into the manifest for these kinds, ready to be copied."""
    lines = [f"{each}: {_USUAL[each]}" for each in kinds]
    if not manifest.rollback:
        return f"Add this line to {manifest.path}: `rollback: {{{', '.join(lines)}}}`"
    return f"Add to `rollback` in {manifest.path}: {join_names(lines, len(lines))}."


def _severity(manifest: Manifest) -> Severity:
    return Severity.ERROR if manifest.readiness == "enforce" else Severity.WARNING
