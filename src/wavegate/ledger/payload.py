"""What a deployment of GitHub's says about a release, as text.

GitHub never lets a payload be changed. So it holds what is known before the org is touched, and the agent versions
that are read back afterwards are in the descriptions of the statuses: `live: Support_Agent v3, Returns_Agent off`.
What is too long for one description comes in several, of which the last is that of the success.

Where a run is run again as a whole, `evidence: 9f86…` is the digest of the decision that it rests on now.

While a release is on its way, descriptions say what a run on another machine needs to take it up: which versions were
live before, `was: Support_Agent v2`, and the org's job with the digest of what it deploys, `job: 0Af… 9f86…`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from wavegate.ledger.deployment import REASON_LIMIT, Override, Pilot, Release
from wavegate.text import clip

DESCRIPTION_LIMIT = 140
"""Characters of a status's description."""
_SCHEMA = 1
_PAYLOAD_LIMIT = 64 * 1024
_LIVE, _WAS = "live: ", "was: "
_EVIDENCE = "evidence: "
_JOB = re.compile(r"job: (0Af\w{12,15}) ([0-9a-f]{64})")
_AGENT = re.compile(r"(\w{1,100}) (?:v(\d{1,9})|off)")


class _Payload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload of a release's deployment."""

    schema: int
    release: str
    manifest: str
    manifest_digest: str = ""
    evidence: str = ""
    agents: dict[str, str | int] = {}
    run: str = ""
    actor: str = ""
    org: str = ""
    override: Override | None = None
    pilot: Pilot | None = None


def parse_release(payload: str | None) -> Release | None:
    """What a deployment's payload says was shipped; None where it is none of ours, or malformed."""
    if not payload or len(payload) > _PAYLOAD_LIMIT:
        return None
    try:
        value = json.loads(payload)
        # a payload that was sent as text comes back as text within text
        value = json.loads(value) if isinstance(value, str) else value
        read = msgspec.convert(value, _Payload)
    except (ValueError, RecursionError):
        return None
    if read.schema != _SCHEMA or not read.release or not _is_inside(read.manifest):
        return None
    return Release(
        name=read.release,
        manifest=read.manifest,
        manifest_digest=read.manifest_digest,
        evidence=read.evidence,
        agents={agent: str(version) for agent, version in read.agents.items()},
        run=read.run,
        actor=read.actor,
        org=read.org,
        override=read.override,
        pilot=read.pilot,
    )


def payload_of(release: Release) -> dict[str, Any]:
    """The payload that says so, as JSON values; a long reason is cut."""
    override = release.override
    if override:
        override = Override(reason=clip(override.reason, REASON_LIMIT), actor=override.actor, rules=override.rules)
    payload = _Payload(
        schema=_SCHEMA,
        release=release.name,
        manifest=release.manifest,
        manifest_digest=release.manifest_digest,
        evidence=release.evidence,
        run=release.run,
        actor=release.actor,
        org=release.org,
        override=override,
        pilot=release.pilot,
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def live_lines(agents: Mapping[str, int | None]) -> list[str]:
    """The agents as read back, as descriptions of statuses, the last of which is for the success; at least one."""
    return _lines(_LIVE, agents) or [f"{_LIVE}no agents"]


def parse_live(descriptions: Iterable[str]) -> dict[str, int | None]:
    """The agents that descriptions tell of, oldest first: what is said last holds."""
    return dict(agent for each in descriptions for agent in _agents(_LIVE, each))


def evidence_line(digest: str) -> str:
    """The digest of the decision that a release rests on now, '' for none, as the description of a status."""
    return f"{_EVIDENCE}{digest or 'none'}"


def parse_evidence(descriptions: Iterable[str]) -> str | None:
    """The digest that descriptions tell of, oldest first, '' for none: what is said last holds. None: none tells."""
    said = [each.removeprefix(_EVIDENCE) for each in descriptions if each.startswith(_EVIDENCE)]
    return (said[-1] if re.fullmatch(r"[0-9a-f]{64}", said[-1]) else "") if said else None


def unfinished_lines(before: Mapping[str, int | None], job: str | None, subject: str) -> list[str]:
    """What was live before a deployment, and its job in the org once there is one, as descriptions of statuses."""
    return [*_lines(_WAS, before), *([f"job: {job} {subject}"] if job else [])]


def parse_unfinished(descriptions: Sequence[str]) -> tuple[dict[str, int | None], str | None, str]:
    """Versions live before, job and subject that descriptions tell of, oldest first; None and '' for no job."""
    before = dict(agent for each in descriptions for agent in _agents(_WAS, each))
    jobs = [match for each in descriptions if (match := _JOB.fullmatch(each))]
    return (before, jobs[-1][1], jobs[-1][2]) if jobs else (before, None, "")


def _lines(lead: str, agents: Mapping[str, int | None]) -> list[str]:
    lines: list[str] = []
    for name, version in agents.items():
        words = f"{name} {'off' if version is None else f'v{version}'}"
        if lines and len(lines[-1]) + len(words) + 2 <= DESCRIPTION_LIMIT:
            lines[-1] += f", {words}"
        else:
            lines.append(lead + words)
    return lines


def _agents(lead: str, description: str) -> Iterator[tuple[str, int | None]]:
    if description.startswith(lead):
        for match in _AGENT.finditer(description.removeprefix(lead)):
            yield match[1], int(match[2]) if match[2] else None


def _is_inside(path: str) -> bool:
    return 0 < len(path) <= 4096 and not path.startswith("/") and ".." not in PurePosixPath(path).parts
