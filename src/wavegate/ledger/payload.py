"""The text in a GitHub deployment that describes a release: its payload and the descriptions of its statuses.

A payload cannot be changed later, so it holds only what is known before the org changes. The agent versions that are
read back afterwards go into status descriptions: `live: Support_Agent v3, Returns_Agent off`. A text too long for one
description is split over several statuses; the last one is the success. An agent that a stop kept from the version of
the release has both: `live: Support_Agent off (stopped: v3)`.

If a whole workflow run is rerun, `evidence: 9f86…` has the digest of the decision that now applies. `by: bob` names
who started an attempt, if it is not the person whom the payload names.

While a release is being deployed, descriptions hold what a run on another machine needs to resume: the versions that
were live before, `was: Support_Agent v2`, and the org's job with the digest of its contents, `job: 0Af… 9f86…`. The
jobs of later stages are `job 2: …`; `restore 1: …` is the job that restores what one stage had changed. The versions
of flows that were active are `flows were: Route_Case v3, Close_Case off`. A failed deployment says which versions are
live again as before it: `restored: Support_Agent v2`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, takewhile
from pathlib import PurePosixPath
from typing import Any

import msgspec

from wavegate.ledger.deployment import PATH_LIMIT, REASON_LIMIT, Adoption, Deployment, Override, Pilot, Release
from wavegate.text import clip

DESCRIPTION_LIMIT = 140
"""Maximum characters of a status description."""
_SCHEMA = 1
_PAYLOAD_LIMIT = 64 * 1024
_LIVE, _WAS, _RESTORED, _FLOWS = "live: ", "was: ", "restored: ", "flows were: "
_EVIDENCE, _BY = "evidence: ", "by: "
_JOB = re.compile(r"(job|restore)(?: (\d{1,3}))?: (0Af\w{12,15}) ([0-9a-f]{64})")
_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
_COMPONENT = re.compile(r"[A-Za-z]{1,80}:[^\x00-\x1f]{1,250}")
MAX_REACHING = 200
"""Maximum components that one pilot changes for everybody."""
MAX_COPIES = 100
"""Maximum copied agents of one pilot."""
_AGENT = re.compile(r"(\w{1,100}) (?:v(\d{1,9})|off)(?: \((stopped)(?:: v(\d{1,9}))?\))?")


class _Payload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload of a release's deployment."""

    schema: int
    release: str
    manifest: str
    manifest_digest: str = ""
    evidence: str = ""
    content: str = ""
    agents: dict[str, str | int] = {}
    run: str = ""
    actor: str = ""
    org: str = ""
    override: Override | None = None
    pilot: Pilot | None = None
    resume: bool = False
    cites: str = ""
    passed_lock: str = ""
    adoption: Adoption | None = None


def parse_release(payload: str | None) -> Release | None:
    """Parse a deployment's payload; None if it is malformed or not wavegate's."""
    if not payload or len(payload) > _PAYLOAD_LIMIT:
        return None
    try:
        value = json.loads(payload)
        # a payload that was sent as a string comes back as a JSON string within JSON
        value = json.loads(value) if isinstance(value, str) else value
        parsed = msgspec.convert(value, _Payload)
    except (ValueError, RecursionError):
        return None
    if parsed.schema != _SCHEMA or not parsed.release or not _is_inside(parsed.manifest):
        return None
    if parsed.pilot and not _is_pilot(parsed.pilot):
        return None
    return Release(
        name=parsed.release,
        manifest=parsed.manifest,
        manifest_digest=parsed.manifest_digest,
        evidence=parsed.evidence,
        content=parsed.content,
        agents={agent: str(version) for agent, version in parsed.agents.items()},
        run=parsed.run,
        actor=parsed.actor,
        org=parsed.org,
        override=parsed.override,
        pilot=parsed.pilot,
        resume=parsed.resume,
        cites=parsed.cites,
        passed_lock=parsed.passed_lock,
        adoption=parsed.adoption,
    )


def payload_of(release: Release) -> dict[str, Any]:
    """The payload of a release as JSON values; a long override reason is truncated."""
    override = release.override
    if override:
        override = Override(reason=clip(override.reason, REASON_LIMIT), actor=override.actor, rules=override.rules)
    payload = _Payload(
        schema=_SCHEMA,
        release=release.name,
        manifest=release.manifest,
        manifest_digest=release.manifest_digest,
        evidence=release.evidence,
        content=release.content,
        run=release.run,
        actor=release.actor,
        org=release.org,
        override=override,
        pilot=release.pilot,
        resume=release.resume,
        cites=release.cites,
        passed_lock=release.passed_lock,
        adoption=release.adoption,
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def live_lines(agents: Mapping[str, int | None], *, held: Mapping[str, int | None] | None = None) -> list[str]:
    """Status descriptions of the agents as read back from the org; the last is for the success. At least one.

    held: the version that the release has of each agent that a stop keeps from it; None if it is unknown.
    """
    return _lines(_LIVE, agents, held) or [f"{_LIVE}no agents"]


def parse_live(descriptions: Iterable[str]) -> dict[str, int | None]:
    """Version by agent name from `live:` descriptions, oldest first; a later one overrides an earlier one."""
    return dict(agent for each in descriptions for agent in _agents(_LIVE, each))


def read_back(deployment: Deployment) -> datetime:
    """When the versions of a deployment's agents were last read back; when it was created if they never were."""
    times = (each.created_at for each in deployment.statuses if parse_live([each.description]))
    return max(times, default=deployment.created_at)


def parse_released(descriptions: Iterable[str]) -> dict[str, int]:
    """The version of each agent that a release has, from `live:` descriptions, oldest first.

    Unlike `parse_live`: what a stop has left is not the release's. What was live without it, before or after, is.
    """
    found: dict[str, int] = {}
    for match in (match for each in descriptions for match in _matches(_LIVE, each)):
        number = match[4] if match[3] else match[2]
        found |= {match[1]: int(number)} if number else {}
    return found


def restored_lines(agents: Mapping[str, int | None]) -> list[str]:
    """Status descriptions of the agents that a failed deployment has restored. agents: what is live again."""
    return _lines(_RESTORED, agents)


def parse_deactivated(descriptions: Iterable[str]) -> frozenset[str]:
    """Names of the agents that an attempt may have left inactive. descriptions: oldest first.

    It noted which were live before it deactivated any, and afterwards those that it had restored.
    """
    found: set[str] = set()
    for each in descriptions:
        found |= {name for name, version in _agents(_WAS, each) if version is not None}
        found -= {name for name, _ in _agents(_RESTORED, each)}
    return frozenset(found)


def flow_lines(flows: Mapping[str, int | None]) -> list[str]:
    """Status descriptions of the flows before a deployment: the active version by name, None for no active one."""
    return _lines(_FLOWS, flows)


def parse_flows(descriptions: Iterable[str]) -> dict[str, int | None]:
    """The reverse of `flow_lines`; descriptions oldest first."""
    return dict(flow for each in descriptions for flow in _agents(_FLOWS, each))


def evidence_line(digest: str) -> str:
    """Status description of the decision that now applies. digest: '' for no decision."""
    return f"{_EVIDENCE}{digest or 'none'}"


def parse_evidence(descriptions: Iterable[str]) -> str | None:
    """The digest in the last `evidence:` description, oldest first; '' for no decision, None if none has it."""
    digests = [each.removeprefix(_EVIDENCE) for each in descriptions if each.startswith(_EVIDENCE)]
    return (digests[-1] if re.fullmatch(r"[0-9a-f]{64}", digests[-1]) else "") if digests else None


def attempt_line(actor: str) -> str:
    """Status description of who started an attempt. actor: login."""
    return clip(f"{_BY}{actor}", DESCRIPTION_LIMIT)


def parse_attempt(descriptions: Iterable[str]) -> str | None:
    """The login in the last `by:` description, oldest first; None if none has it."""
    logins = [each.removeprefix(_BY) for each in descriptions if each.startswith(_BY)]
    return logins[-1] if logins else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """What a run on another machine needs to resume a deployment.

    before: version by agent name that was live before it, None for inactive. subject: sha256 of what it deploys; ''
    without a job. finished: ids of the jobs of its finished stages, in order. job: id of the job in progress. failed:
    id of the job of the stage that failed, '' if that had none; then `job` restores what the finished stages changed.
    """

    before: Mapping[str, int | None]
    subject: str = ""
    finished: tuple[str, ...] = ()
    job: str | None = None
    failed: str | None = None


def unfinished_lines(unfinished: Unfinished) -> list[str]:
    """Status descriptions for resuming a deployment: the versions live before it and the org's jobs."""
    deploying = unfinished.job if unfinished.failed is None else unfinished.failed
    jobs = [*unfinished.finished, *([deploying] if deploying else [])]
    lines = [f"job{f' {number}' if number > 1 else ''}: {job}" for number, job in enumerate(jobs, 1)]
    if unfinished.failed is not None and unfinished.job:
        lines.append(f"restore {len(unfinished.finished)}: {unfinished.job}")
    return [*_lines(_WAS, unfinished.before), *(f"{line} {unfinished.subject}" for line in lines)]


def parse_unfinished(descriptions: Sequence[str]) -> Unfinished:
    """The reverse of `unfinished_lines`; descriptions oldest first. A stage's last job counts."""
    before = dict(agent for each in descriptions for agent in _agents(_WAS, each))
    matches = [match for each in descriptions if (match := _JOB.fullmatch(each))]
    if not matches:
        return Unfinished(before=before)
    subject = matches[-1][4]
    found = {(match[1], int(match[2] or 1)): match[3] for match in matches if match[4] == subject}
    jobs = tuple(takewhile(bool, (found.get(("job", number), "") for number in count(1))))
    restoring = max((number for kind, number in found if kind == "restore"), default=0)
    if restoring:
        failed = jobs[restoring] if restoring < len(jobs) else ""
        job = found["restore", restoring]
        return Unfinished(before=before, subject=subject, finished=jobs[:restoring], job=job, failed=failed)
    return Unfinished(before=before, subject=subject, finished=jobs[:-1], job=jobs[-1] if jobs else None)


def _lines(lead: str, agents: Mapping[str, int | None], held: Mapping[str, int | None] | None = None) -> list[str]:
    lines: list[str] = []
    for name, version in agents.items():
        text = f"{name} {_words(version)}" + (_stopped(held[name]) if held and name in held else "")
        if lines and len(lines[-1]) + len(text) + 2 <= DESCRIPTION_LIMIT:
            lines[-1] += f", {text}"
        else:
            lines.append(lead + text)
    return lines


def _words(version: int | None) -> str:
    return "off" if version is None else f"v{version}"


def _stopped(version: int | None) -> str:
    """That a stop left it so. version: the release's; None if it is unknown."""
    return " (stopped)" if version is None else f" (stopped: v{version})"


def _agents(lead: str, description: str) -> Iterator[tuple[str, int | None]]:
    for match in _matches(lead, description):
        yield match[1], int(match[2]) if match[2] else None


def _matches(lead: str, description: str) -> Iterator[re.Match[str]]:
    if description.startswith(lead):
        yield from _AGENT.finditer(description.removeprefix(lead))


def _is_pilot(pilot: Pilot) -> bool:
    """Whether a pilot's copies can be names of an org, each of another agent than its original."""
    names = [*pilot.copies, *pilot.copies.values(), *([pilot.permission_set] if pilot.permission_set else [])]
    if len(pilot.reaching) > MAX_REACHING or not all(_COMPONENT.fullmatch(each) for each in pilot.reaching):
        return False
    if len(pilot.copies) > MAX_COPIES or not all(_NAME.fullmatch(each) for each in names):
        return False
    originals, copies = ({each.casefold() for each in part} for part in (pilot.copies, pilot.copies.values()))
    return len(copies) == len(pilot.copies) and not originals & copies


def _is_inside(path: str) -> bool:
    return 0 < len(path) <= PATH_LIMIT and not path.startswith("/") and ".." not in PurePosixPath(path).parts
