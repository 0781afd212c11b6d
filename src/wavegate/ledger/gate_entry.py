"""A gate's decision as an entry of the ledger: what was decided about which content, on which evidence.

The entry is a deployment with a task of its own, so that it is never read as a release. The task names the content by
its digest, so that one request finds every decision about the same content, under whatever commit.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from wavegate.ledger.decoding import SCHEMA, decode_payload
from wavegate.text import clip

Stage = Literal["gate", "verify"]
GateVerdict = Literal["pass", "fail", "inconclusive"]

MAX_EVIDENCE = 256
"""Maximum digests of evidence files in an entry; of more files, it has only the digest of all."""
_NAME_LIMIT = 200
_KEY_LENGTH = 40

_Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_RunUrl = Annotated[
    str, Meta(pattern=r"^(https?://[\w.:/-]{1,400}/actions/runs/[0-9]{1,20}(/attempts/[1-9][0-9]{0,3})?)?\Z")
]


@dataclass(frozen=True, kw_only=True, slots=True)
class GateEntry:
    """A decision of a gate about some content. All values are untrusted.

    question: digest of the content, the packs and the rest of what was asked; decisions with the same one answer the
    same question. decision: digest of the decision file. run: URL of the attempt of the workflow run, '' outside
    Actions. actor: login of the person who started that attempt. evidence: digests of the evidence files, sorted;
    empty if there are more than MAX_EVIDENCE. evidence_digest: of all of them.
    """

    stage: Stage
    release: str
    content: str
    question: str
    verdict: GateVerdict
    attempt: int
    decision: str
    time: datetime
    run: str = ""
    actor: str = ""
    evidence: tuple[str, ...] = ()
    evidence_digest: str

    def is_included_in(self, evidence: Iterable[str]) -> bool:
        """Whether none of its evidence is missing from other evidence. evidence: digests of the files."""
        others = frozenset(evidence)
        if self.evidence_digest in (digest_of(()), digest_of(others)):
            return True
        return bool(self.evidence) and others.issuperset(self.evidence)


class _GatePayload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload of a gate's entry."""

    schema: int
    kind: Literal["gate-decision"]
    stage: Stage
    release: Annotated[str, Meta(min_length=1, max_length=_NAME_LIMIT)]
    content: _Digest
    question: _Digest
    verdict: GateVerdict
    attempt: Annotated[int, Meta(ge=1, le=10_000)]
    decision: _Digest
    time: Annotated[datetime, Meta(tz=True)]
    evidence_digest: _Digest
    run: _RunUrl = ""
    actor: Annotated[str, Meta(max_length=100)] = ""
    evidence: Annotated[list[_Digest], Meta(max_length=MAX_EVIDENCE)] = []


def gate_task(stage: Stage, content: str) -> str:
    """The task of the entries of a stage about some content."""
    return f"wavegate:{stage}:{content[:_KEY_LENGTH]}"


def question_digest(*, stage: Stage, environment: str, content: str, packs: Iterable[str], census: str = "") -> str:
    """The digest of a gate's question. packs: digests of the packs. census: digest of the expected cases, or ''."""
    asked = [stage, environment, content, sorted(packs), census]
    return sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def digest_of(evidence: Iterable[str]) -> str:
    """The digest of a set of digests."""
    return sha256("\n".join(sorted(set(evidence))).encode()).hexdigest()


def listed(evidence: Iterable[str]) -> tuple[str, ...]:
    """The digests of evidence files as an entry has them."""
    digests = sorted(set(evidence))
    return tuple(digests) if len(digests) <= MAX_EVIDENCE else ()


def gate_payload(entry: GateEntry) -> dict[str, Any]:
    """The payload of an entry as JSON values."""
    payload = _GatePayload(
        schema=SCHEMA,
        kind="gate-decision",
        stage=entry.stage,
        release=clip(entry.release, _NAME_LIMIT),
        content=entry.content,
        question=entry.question,
        verdict=entry.verdict,
        attempt=entry.attempt,
        decision=entry.decision,
        time=entry.time,
        evidence_digest=entry.evidence_digest,
        run=entry.run,
        actor=clip(entry.actor, 100),
        evidence=list(entry.evidence),
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def parse_gate_entry(payload: object, *, stage: Stage, content: str) -> GateEntry | None:
    """Parse the payload of a deployment whose task says that it is such an entry; None if it is not one.

    payload: JSON values, or JSON as text. stage, content: what its task is about.
    """
    entry = _parse(payload)
    return entry if entry and (entry.stage, entry.content) == (stage, content) else None


def is_gate_task(task: str) -> bool:
    """Whether a deployment's task says that it is an entry of a gate, of any stage and content."""
    return task.startswith(tuple(f"wavegate:{stage}:" for stage in get_args(Stage)))


def parse_gate_entry_of(task: str, payload: object) -> GateEntry | None:
    """Parse the payload of a deployment with such a task; None if it is not an entry, or about something else."""
    entry = _parse(payload)
    return entry if entry and gate_task(entry.stage, entry.content) == task else None


def _parse(payload: object) -> GateEntry | None:
    parsed = decode_payload(payload, _GatePayload)
    if parsed is None:
        return None
    if parsed.evidence and digest_of(parsed.evidence) != parsed.evidence_digest:
        return None
    return GateEntry(
        stage=parsed.stage,
        release=parsed.release,
        content=parsed.content,
        question=parsed.question,
        verdict=parsed.verdict,
        attempt=parsed.attempt,
        decision=parsed.decision,
        time=parsed.time,
        run=parsed.run,
        actor=parsed.actor,
        evidence=tuple(parsed.evidence),
        evidence_digest=parsed.evidence_digest,
    )
