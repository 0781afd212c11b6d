"""One act of the ledger: a stop, restart, lock, unlock or rollback, with who did it and why.

An act is a deployment with a task of its own, so that one request finds all acts of an environment, however many
releases it has had, and none is ever read as a release.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from wavegate.ledger.decoding import SCHEMA, decode_payload
from wavegate.ledger.deployment import PATH_LIMIT, REASON_LIMIT, Deployment
from wavegate.text import clip

ACT_TASK = "wavegate:act"
"""The task of every act's deployment."""
MAX_AGENTS = 500
"""Maximum agents of one act."""


class ActKind(StrEnum):
    """What was done.

    rollback: a rollback was opened; it replaces an open one of the same manifest. rollback-done: the release that it
    restores is live. rollback-withdrawn: a person decided that the release is good after all.
    """

    STOP = "stop"
    RESTART = "restart"
    LOCK = "lock"
    UNLOCK = "unlock"
    ROLLBACK = "rollback"
    ROLLBACK_DONE = "rollback-done"
    ROLLBACK_WITHDRAWN = "rollback-withdrawn"


SWITCHES = frozenset({ActKind.STOP, ActKind.RESTART})
"""The acts that leave agents at another version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseId:
    """A release as an act names it. content: digest of what it ships to the environment, '' if unknown."""

    name: str
    commit: str
    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """An act. All values that were read are untrusted.

    id: node id of its deployment, '' until it is written. time: timezone-aware. actor: login, '' if unknown. run:
    URL of the attempt of the workflow run, '' outside Actions. manifest: path of the release's manifest, '' if
    unknown; a lock holds every manifest. release: the one that was live, or that is rolled back; None if unknown.
    agents: by name, the version that a stop left live or a restart made live; None for none. target: the release that
    a rollback restores, or whose versions a stop activated. page, number: of a rollback's pull request or issue.
    after: id of the act before it, so that two equal acts in a row differ. recorded: when GitHub recorded it; None
    until it is written.
    """

    kind: ActKind
    time: datetime
    actor: str
    reason: str
    id: str = ""
    run: str = ""
    manifest: str = ""
    release: ReleaseId | None = None
    agents: Mapping[str, int | None] = field(default_factory=dict)
    target: ReleaseId | None = None
    page: str = ""
    number: int = 0
    incident: str = ""
    after: str = ""
    recorded: datetime | None = field(default=None, compare=False)

    @property
    def moment(self) -> datetime:
        """When it counts, by the clock of the deployments: GitHub's. The writer's clock may be wrong."""
        return self.recorded or self.time


def release_id(deployment: Deployment) -> ReleaseId:
    """The release of a deployment as an act names it. A content that is not a digest counts as unknown."""
    content = deployment.release.content if deployment.release else ""
    known = re.fullmatch(r"[0-9a-f]{64}", content) is not None
    return ReleaseId(name=deployment.title, commit=deployment.commit, content=content if known else "")


_Commit = Annotated[str, Meta(pattern=r"^[0-9a-f]{40,64}\Z")]
_Content = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")]
_Name = Annotated[str, Meta(max_length=200)]
_URL = r"^(https?://[\w.:/?=&#%~+-]{1,500})?\Z"
_Url = Annotated[str, Meta(pattern=_URL)]
_AgentName = Annotated[str, Meta(pattern=r"^\w{1,100}\Z")]
_Version = Annotated[int, Meta(ge=0, le=999_999_999)]


class _ReleaseId(msgspec.Struct, omit_defaults=True):
    name: _Name
    commit: _Commit
    content: _Content = ""


class _ActPayload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload of an act."""

    schema: int
    kind: ActKind
    time: Annotated[datetime, Meta(tz=True)]
    actor: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=REASON_LIMIT)] = ""
    run: _Url = ""
    manifest: Annotated[str, Meta(max_length=PATH_LIMIT)] = ""
    release: _ReleaseId | None = None
    agents: Annotated[dict[_AgentName, _Version | None], Meta(max_length=MAX_AGENTS)] = {}
    target: _ReleaseId | None = None
    page: _Url = ""
    number: Annotated[int, Meta(ge=0, le=2**53)] = 0
    incident: Annotated[str, Meta(max_length=300)] = ""
    after: Annotated[str, Meta(max_length=200)] = ""


def act_payload(act: Act) -> dict[str, Any]:
    """The payload of an act as JSON values. Long texts are truncated; a page that `parse_act` refuses is left out."""
    payload = _ActPayload(
        schema=SCHEMA,
        kind=act.kind,
        time=act.time,
        actor=clip(act.actor, 100),
        reason=clip(act.reason, REASON_LIMIT),
        run=_url(act.run),
        manifest=act.manifest,
        release=_written(act.release),
        agents=dict(act.agents),
        target=_written(act.target),
        page=_url(act.page),
        number=act.number,
        incident=clip(act.incident, 300),
        after=act.after,
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def parse_act(payload: object, *, act_id: str, recorded: datetime | None = None) -> Act | None:
    """Parse the payload of a deployment whose task says that it is an act; None if it is not one.

    payload: JSON values, or JSON as text. act_id: node id of the deployment. recorded: when GitHub created it.
    """
    parsed = decode_payload(payload, _ActPayload)
    if parsed is None:
        return None
    return Act(
        kind=parsed.kind,
        time=parsed.time,
        actor=parsed.actor,
        reason=parsed.reason,
        id=act_id,
        run=parsed.run,
        manifest=parsed.manifest,
        release=_read(parsed.release),
        agents=parsed.agents,
        target=_read(parsed.target),
        page=parsed.page,
        number=parsed.number,
        incident=parsed.incident,
        after=parsed.after,
        recorded=recorded,
    )


def _url(text: str) -> str:
    """The address of a page; '' for any other text. It may be from a status that another tool wrote."""
    return text if re.search(_URL, text) else ""


def _written(release: ReleaseId | None) -> _ReleaseId | None:
    if release is None:
        return None
    return _ReleaseId(name=clip(release.name, 200), commit=release.commit, content=release.content)


def _read(release: _ReleaseId | None) -> ReleaseId | None:
    return ReleaseId(name=release.name, commit=release.commit, content=release.content) if release else None
