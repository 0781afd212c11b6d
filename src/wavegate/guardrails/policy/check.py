"""Checks the agents of one commit: built-in rules, the team's properties, and the policy itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wavegate.files.document import BREAK
from wavegate.files.source import Source
from wavegate.findings.finding import Finding, Severity, worst_first
from wavegate.guardrails.metadata.planned import NO_AGENT
from wavegate.guardrails.model import AgentSource, Guardrails
from wavegate.guardrails.policy.apply import apply_policy
from wavegate.guardrails.policy.built_in import built_in_findings
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.read import ReadPolicy, read_policy
from wavegate.guardrails.policy.rules.outside import not_checked
from wavegate.guardrails.policy.scoped import ScopedFinding
from wavegate.guardrails.policy.stated.check import NewBounds, property_findings
from wavegate.guardrails.policy.stated.read import read_stated
from wavegate.guardrails.policy.validation import policy_findings
from wavegate.guardrails.prove.proof import Bounds
from wavegate.guardrails.read import read_guardrails

UNKNOWN_PROPERTY = "property/unknown"


class PolicyVerdict(StrEnum):
    """What a check says as a whole. inconclusive: whether a property holds could not be decided."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedGuardrails:
    """What a check found. findings: worst first. files: those it is about, as text, by path. agents: their names."""

    findings: tuple[Finding, ...]
    files: Mapping[str, str]
    agents: tuple[str, ...]

    def findings_below(self, prefix: str) -> tuple[Finding, ...]:
        """The findings with a prefix before their paths."""
        places = [each.location._replace(file=prefix + each.location.file) for each in self.findings]
        return tuple(each._replace(location=place) for each, place in zip(self.findings, places, strict=True))

    def source_line(self, path: str, number: int) -> str | None:
        """A line of a file, without its line break."""
        lines = BREAK.split(self.files.get(path, ""))
        return lines[number - 1] if number <= len(lines) else None

    def verdict(self, *, strict: bool) -> PolicyVerdict:
        """The verdict. strict: whether warnings fail, too."""
        failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        undecided = [each for each in self.findings if each.rule == UNKNOWN_PROPERTY]
        if any(each.severity in failing for each in self.findings if each not in undecided):
            return PolicyVerdict.FAIL
        return PolicyVerdict.INCONCLUSIVE if undecided else PolicyVerdict.PASS


def check_guardrails(
    source: Source, *, manifest: str | None = None, today: date, bounds: NewBounds = Bounds
) -> CheckedGuardrails:
    """Check all agents and prompt templates of a commit, against the policy of a manifest or of the project.

    manifest: its path, see `read_policy`. today: in UTC, for exceptions. bounds: makes those of each proof.
    InputError: the manifest does not exist.
    """
    read = read_policy(source, manifest)
    guardrails = read_guardrails(source)
    files = {**_texts(source, _paths(guardrails)), **read.texts}
    unread = tuple(not_checked(source.paths(), guardrails))
    found = [*read.findings, *_found(read, guardrails, files, unread, today, bounds)]
    places = {each.location.file for each in found} - files.keys()
    return CheckedGuardrails(
        findings=tuple(sorted(dict.fromkeys(found), key=worst_first)),
        files={**files, **_texts(source, places)},
        agents=tuple(each for each in guardrails.agents if each != NO_AGENT),
    )


def _found(
    read: ReadPolicy,
    guardrails: Guardrails,
    texts: Mapping[str, str],
    unread: tuple[ScopedFinding, ...],
    today: date,
    bounds: NewBounds,
) -> Iterator[Finding]:
    policy = read.policy
    contexts = [
        AgentContext(name=name, reading=reading, guardrails=guardrails, policy=policy)
        for name, reading in guardrails.agents.items()
    ]
    properties, _ = read_stated(policy, guardrails, read.texts)
    yield from policy_findings(policy, guardrails, read.texts)
    found = (*built_in_findings(contexts, guardrails, policy, texts), *unread)
    yield from apply_policy((*found, *property_findings(properties, contexts, bounds)), policy, today=today)


def _paths(guardrails: Guardrails) -> Iterable[str]:
    """The files whose text the rules read: scripts and prompt templates."""
    models = [reading.emitted for reading in guardrails.agents.values()]
    yield from (each.location.file for each in models if each.source is not AgentSource.OPAQUE)
    yield from (each.location.file for each in guardrails.prompts.values())


def _texts(source: Source, paths: Iterable[str]) -> Mapping[str, str]:
    return {path: data.decode("utf-8", "replace") for path, data in source.read(sorted(set(paths))).items()}
