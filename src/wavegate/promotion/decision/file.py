"""The decision that a promotion is based on: read from its file, and checked against the checkout."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.resource import MAX_STATEMENT_BYTES, Resource
from wavegate.gate.decision import Decision, from_json
from wavegate.promotion.decision.rules import ExpectedSubject, evidence_refusals
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack
from wavegate.release.required_packs import observed_in, required_packs
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedDecision:
    """A checked decision file. digest: sha256 of its bytes, hexadecimal. decision None: it cannot be read."""

    digest: str = ""
    decision: Decision | None = None
    refusals: tuple[Refusal, ...] = ()


def expected_subject(
    manifest: Manifest, environment: Environment, packs: Sequence[Pack], *, commit: str, content: str
) -> ExpectedSubject:
    """The subject that evidence for promoting a release to an environment must match. Raises InputError.

    packs: all of the release; if there are none, and the environment's gate does not list any, none is required.
    content: digest of what the commit ships to the environment, '' if unknown.
    """
    if packs or environment.gate.packs is not None:
        packs = required_packs(manifest, environment, packs, verify=False, has_evidence=False)
    observed = observed_in(manifest, environment, verify=False)
    return ExpectedSubject(
        environment=environment.name,
        commit=commit,
        content=content,
        manifest=Resource(name=manifest.path, digest={"sha256": manifest.digest}),
        packs=packs,
        observed_in=observed,
        agents=manifest.pinned_versions(observed or environment.name),
        max_age=environment.gate.max_evidence_age,
        now=datetime.now(UTC),
    )


def read_evidence(path: Path, *, writer: str = "wavegate gate") -> bytes:
    """The bytes of a decision file, at most one more than the limit. writer: its command. Raises InputError."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_STATEMENT_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"The decision cannot be read: {error.strerror}.",
            fix=f"Name the file that `{writer}` wrote.",
            file=one_line(str(path), 300),
        ) from None


def plain_digest(text: str) -> str:
    """A digest as hexadecimal digits, however it is written; '' for none."""
    return text.strip().lower().removeprefix("sha256:")


def check_evidence(data: bytes, *, path: str, digest: str, expected: ExpectedSubject) -> CheckedDecision:
    """Check a decision file. digest: the sha256 that its bytes must have, '' for any."""
    actual = hashlib.sha256(data).hexdigest()
    required = plain_digest(digest)
    refusals = [_edited(actual, required)] if required and required != actual else []
    try:
        decision = from_json(data, path=path)
    except InputError as error:
        refusals.append(Refusal(rule=RefusalRule.MALFORMED, message=error.message, fix=error.fix, final=True))
        return CheckedDecision(digest=actual, refusals=tuple(refusals))
    return CheckedDecision(
        digest=actual, decision=decision, refusals=(*refusals, *evidence_refusals(decision, expected))
    )


def _edited(actual: str, required: str) -> Refusal:
    return Refusal(
        rule=RefusalRule.EDITED,
        message=f"The decision was changed: its digest is {actual}, not {one_line(required, 80)}.",
        fix="Use the unchanged file that `wavegate gate` wrote, and the digest of the same run.",
        final=True,
    )
