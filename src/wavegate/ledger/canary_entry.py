"""A canary's look as an entry of the ledger: what was decided about which content, and after how many looks.

The entry is a deployment with a task of its own, so that it is never read as a release.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wavegate.ledger.decoding import SCHEMA, decode_payload
from wavegate.text import clip

LOOK_TASK = "wavegate:canary"
"""The task of the entries, of every environment and content."""
LookVerdict = Literal["expand", "rollback", "hold", "healthy"]
MAX_LOOKS = 100_000
"""Upper bound for a plausible number of a look."""
MAX_RULES = 50
"""Maximum rules in an entry; the others are left out."""
_NAME_LIMIT = 200
_PATH_LIMIT = 4096

_Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Rule = Annotated[str, Meta(pattern=r"^[a-z0-9/-]{1,80}\Z")]
_RunUrl = Annotated[
    str, Meta(pattern=r"^(https?://[\w.:/-]{1,400}/actions/runs/[0-9]{1,20}(/attempts/[1-9][0-9]{0,3})?)?\Z")
]


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryLook:
    """A look at a canary. All values are untrusted.

    release: name. manifest: its path. content: digest of what the pilot ships. look: its number for this content,
    from 1. decision: digest of the decision file. time: when the look was taken, by its own clock. rules: ids of the
    reasons. cohorts: that had the pilot. dry_run: nothing follows from it. run: URL of the attempt of the workflow
    run, '' outside Actions. actor: login of the person who started that attempt. recorded: when GitHub recorded it;
    None while it is not.
    """

    release: str
    manifest: str
    content: str
    verdict: LookVerdict
    look: int
    decision: str
    time: datetime
    rules: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    dry_run: bool = False
    run: str = ""
    actor: str = ""
    recorded: datetime | None = None

    @property
    def moment(self) -> datetime:
        """When it was taken, by GitHub's clock where that is known."""
        return self.recorded or self.time

    def is_same(self, other: "CanaryLook") -> bool:
        """Whether another one is the same look: of the same file, or in the same attempt with the same result.

        A job that is interrupted after it recorded its look, and runs again, would take it for a new one otherwise.
        """
        if self.decision == other.decision:
            return True
        ours = (self.manifest, self.content, self.verdict, self.dry_run, self.run)
        return self.run != "" and ours == (other.manifest, other.content, other.verdict, other.dry_run, other.run)


class _LookPayload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload of a look."""

    schema: int
    kind: Literal["canary-look"]
    release: Annotated[str, Meta(min_length=1, max_length=_NAME_LIMIT)]
    manifest: Annotated[str, Meta(min_length=1, max_length=_PATH_LIMIT)]
    content: _Digest
    verdict: LookVerdict
    look: Annotated[int, Meta(ge=1, le=MAX_LOOKS)]
    decision: _Digest
    time: Annotated[datetime, Meta(tz=True)]
    rules: Annotated[list[_Rule], Meta(max_length=MAX_RULES)] = []
    cohorts: Annotated[list[Annotated[str, Meta(max_length=_NAME_LIMIT)]], Meta(max_length=200)] = []
    dry_run: bool = False
    run: _RunUrl = ""
    actor: Annotated[str, Meta(max_length=100)] = ""


def look_payload(look: CanaryLook) -> dict[str, Any]:
    """The payload of a look as JSON values."""
    payload = _LookPayload(
        schema=SCHEMA,
        kind="canary-look",
        release=clip(look.release, _NAME_LIMIT),
        manifest=look.manifest,
        content=look.content,
        verdict=look.verdict,
        look=min(look.look, MAX_LOOKS),
        decision=look.decision,
        time=look.time,
        rules=list(dict.fromkeys(look.rules))[:MAX_RULES],
        cohorts=[clip(each, _NAME_LIMIT) for each in look.cohorts[:200]],
        dry_run=look.dry_run,
        run=look.run,
        actor=clip(look.actor, 100),
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def parse_look(payload: object, *, recorded: datetime | None = None) -> CanaryLook | None:
    """Parse the payload of a deployment whose task says that it is a look; None if it is not one.

    payload: JSON values, or JSON as text. recorded: when GitHub recorded it.
    """
    parsed = decode_payload(payload, _LookPayload)
    if parsed is None:
        return None
    return CanaryLook(
        release=parsed.release,
        manifest=parsed.manifest,
        content=parsed.content,
        verdict=parsed.verdict,
        look=parsed.look,
        decision=parsed.decision,
        time=parsed.time,
        rules=tuple(parsed.rules),
        cohorts=tuple(parsed.cohorts),
        dry_run=parsed.dry_run,
        run=parsed.run,
        actor=parsed.actor,
        recorded=recorded,
    )


def looks_of(looks: Iterable[CanaryLook], *, manifest: str, content: str) -> tuple[CanaryLook, ...]:
    """The looks at one content of a manifest, newest first. looks: of the environment, in any order."""
    own = (each for each in looks if (each.manifest, each.content) == (manifest, content))
    return tuple(sorted(own, key=lambda each: (each.moment, each.look), reverse=True))
