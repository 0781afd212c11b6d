"""What failed in production, what should have happened, and the test that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from wavegate.capture.likeness import Shingles
from wavegate.conversations.values import Conversation
from wavegate.evidence.observation import Outcome
from wavegate.evidence.transcript import Transcript
from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Policy, TestKind, ViolationSeverity

NOTHING_EXPECTED = Policy(name="")
MARK = "wavegate-capture:"
"""Precedes a violation's key in the description of a spec, which the org's definition keeps as well."""


class Condition(StrEnum):
    """What selects conversations that failed."""

    PERSONAL_DATA = "personal-data"
    ACTION_ERROR = "action-error"
    ESCALATION = "escalation"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureSelection:
    """Which conversations failed: those of these sessions, else those that meet a condition or break a policy.

    policies: of existing packs.
    """

    sessions: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    policies: tuple[Policy, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected, so that only a person's expectations can select."""
        return not (self.sessions or self.conditions or self.policies)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What a person says should have happened. expected: without a name; empty if they say nothing.

    kind, severity: None for those that follow from what failed. owner: `@user` or `@org/team`, '' for the manifest's.
    """

    expected: Policy = NOTHING_EXPECTED
    reason: str = ""
    kind: TestKind | None = None
    severity: ViolationSeverity | None = None
    owner: str = ""

    @property
    def has_expectation(self) -> bool:
        """Whether there is anything to check."""
        return self.expected != NOTHING_EXPECTED


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductionFailure:
    """A conversation that violates policies. end: number of turns up to the answer that shows it.

    policies: what the test checks; those without a name are not of a pack. violated: those that the conversation
    violates. not_done: actions that only failed, as if they had not been called. topic: at the end, '' if unknown.
    """

    conversation: Conversation
    end: int
    policies: tuple[Policy, ...]
    violated: tuple[Policy, ...]
    not_done: frozenset[str] = frozenset()
    topic: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFailures:
    """The failures among conversations. harmless: number of selected conversations that violate nothing.

    unknown: number of those in which something could not be checked, because it was not recorded. unchecked: number
    of those for which it is unknown whether they are selected. missing: number of named sessions that no file has.
    """

    failures: tuple[ProductionFailure, ...] = ()
    harmless: int = 0
    unknown: int = 0
    unchecked: int = 0
    missing: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedTest:
    """A test, ready to be written. All its texts are redacted.

    definition: API name of its test definition. key: of the violation, hexadecimal. conversation: up to the answer
    that shows the failure. recorded: the same as the replay runner reads it, with stand-ins where the failure is
    personal data. policies: with their names in the pack. breaches: what the recorded conversation violates, in
    words. seen: number of conversations. versions: number of them by version of the agent, '' if unknown. shortened:
    whether texts were cut. has_stand_ins: whether published examples stand for personal data. counts_errors: whether
    calls that ended in an error are left out of what was recorded.
    """

    __test__ = False

    name: str
    definition: str
    key: str
    agent: str
    topic: str
    kind: TestKind
    severity: ViolationSeverity
    policies: tuple[Policy, ...]
    conversation: Conversation
    recorded: Transcript
    breaches: tuple[str, ...]
    seen: int = 1
    versions: Mapping[str, int] = field(default_factory=dict)
    shortened: bool = False
    has_stand_ins: bool = False
    counts_errors: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedBefore:
    """A captured test. words: of what its user says. place: the path of its spec, and the pull request with it."""

    key: str
    words: Shingles
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveVersions:
    """What is live in an environment. name: of the release. since: when it went live.

    versions: by agent. pilot: those that a canary's cohorts have.
    """

    name: str
    since: datetime | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    pilot: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """The tests of failures, ready to be proposed. All texts are redacted.

    pack: path of the pack that gets the tests. files: new contents by path from the checkout's folder. known: number
    of failures by the place of the test that they have already. conversations: number that were read. harmless,
    unknown, unchecked, missing: as of `FoundFailures`. unshown, nameless: number of failures without a test, as of
    `Composed`. postponed: number of tests over the limit. unreadable: number of problems of the files. names: of the
    conversations that the project does not have, in sentences. live: None if GitHub does not say what is live, or
    was not asked. reruns: the outcome of running a test again now, by its name.
    """

    environment: str
    manifest: Manifest
    pack: str
    suite: str
    tests: tuple[CapturedTest, ...]
    files: Mapping[str, bytes]
    stated: Stated
    known: Mapping[str, int] = field(default_factory=dict)
    conversations: int = 0
    harmless: int = 0
    unknown: int = 0
    unchecked: int = 0
    missing: int = 0
    unshown: int = 0
    nameless: int = 0
    postponed: int = 0
    unreadable: int = 0
    names: tuple[str, ...] = ()
    live: LiveVersions | None = None
    reruns: Mapping[str, Outcome] = field(default_factory=dict)
    branch: str = ""

    @property
    def without_tests(self) -> Literal["known", "none"]:
        """The name of the result if there is no test: known, or none if no conversation is a failure."""
        return "known" if self.known else "none"

    @property
    def seen(self) -> int:
        """Number of failed conversations that the tests stand for."""
        return sum(each.seen for each in self.tests)


CaptureOutcome = ProposalOutcome | Literal["local", "unchanged", "written", "dry-run", "known", "none", "declined"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureResult:
    """What a run did.

    name: opened, updated, unchanged, issue, local, written or dry-run; known if every failure has a test already;
    none if there is no failure; declined if a person closed the pull request for these tests, for the reason in
    `why`. known_in: the number of the open pull request that has them, 0 for none. kept: paths where somebody else's
    edit of the branch was kept.
    """

    name: CaptureOutcome
    capture: Capture
    proposed: Proposed | None = None
    why: str = ""
    known_in: int = 0
    kept: tuple[str, ...] = ()
