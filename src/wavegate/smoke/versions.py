"""The version of an agent that a test in an org tested: the one that its definition pins, else the active one."""

from collections.abc import Mapping

from msgspec.structs import replace

from wavegate.census.values import ExpectedCases
from wavegate.evidence.observation import Subject

_PARTS = ("commit", "manifest", "pack", "environment", "org")


def with_active(subject: Subject, agents: dict[str, int]) -> Subject:
    """The subject with the versions that were active before the run; whether they stayed so is checked after it."""
    return replace(subject, agents=agents, version_basis="assumed" if agents else "")


def with_pinned(subject: Subject, cases: ExpectedCases | None) -> Subject:
    """The subject of a test. cases: of its definition; a version that it pins is tested, whatever is active."""
    if cases is None or cases.subject_version is None or not cases.subject:
        return subject
    name = next((name for name in subject.agents if name.casefold() == cases.subject.casefold()), cases.subject)
    return replace(subject, agents={name: cases.subject_version}, version_basis="pinned")


def completed(stated: Subject | None, known: Subject) -> Subject:
    """The subject that a runner states, with what the smoke run knows for the parts that it leaves out."""
    if stated is None:
        return known
    parts = {part: getattr(stated, part) or getattr(known, part) for part in _PARTS}
    return replace(stated, **parts) if stated.agents else replace(known, **parts)


def under_own_names(versions: Mapping[str, int], copies: Mapping[str, str]) -> dict[str, int]:
    """The versions of a pilot's copies by the name of the agent. copies: name of the copy by agent."""
    agents = {copy.casefold(): agent for agent, copy in copies.items()}
    return {agents.get(name.casefold(), name): version for name, version in versions.items()}
