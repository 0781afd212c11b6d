"""Read the acts of an environment, and write one exactly once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import ACT_TASK, MAX_AGENTS, Act, act_payload, parse_act
from wavegate.ledger.acts.by_environment import EnvironmentActs, RepositoryActs
from wavegate.ledger.acts.order import newest_first
from wavegate.ledger.deployment import State
from wavegate.ledger.events import Event, NewEvent, add_event, read_events, write_event
from wavegate.ledger.writer import Mark, has_status, mark
from wavegate.text import one_line


def read_acts(github: GitHub, repository: str, environment: str) -> tuple[Act, ...]:
    """All acts of an environment, newest first.

    Those that cannot be read are left out: whoever lets a release in must use `read_all_acts`.
    """
    return read_all_acts(github, repository).of(environment).acts


def read_all_acts(github: GitHub, repository: str, *, until: datetime | None = None) -> RepositoryActs:
    """All acts, in one request as long as there are at most 100. until: those of that time; None for now.

    The filter for an environment is not used: it would miss an act whose environment was renamed since.
    """
    read = read_events(github, repository, None, ACT_TASK)
    events = [each for each in read if until is None or each.created_at <= until]
    names = {each.environment.casefold(): each.environment for each in reversed(events)}
    return RepositoryActs(
        names=tuple(names.values()),
        by_name={key: _parsed(each for each in events if each.environment.casefold() == key) for key in names},
    )


def _parsed(events: Iterable[Event]) -> EnvironmentActs:
    parsed = [parse_act(each.payload, act_id=each.id, recorded=each.created_at) for each in events]
    return EnvironmentActs(acts=newest_first(act for act in parsed if act), unreadable=parsed.count(None))


def write_act(
    github: GitHub,
    repository: str,
    environment: str,
    act: Act,
    *,
    commit: str,
    known: Sequence[Act],
    just_read: bool = False,
) -> bool:
    """Write an act exactly once, and return whether it is new.

    act: without id and after. commit: one that GitHub has; the act is shown beside it. known: the acts that were read
    before, newest first; the act is the next one after them. Written again after a crash, with the acts of that time
    or with itself among them, it stays a single act. just_read: this process read them a moment ago, so they are not
    read again; that saves one request of three. InputError: nobody could read the act back, and that
    would hold every release, so it is not written.
    """
    newest = known[0] if known else None
    before = newest.after if newest and _same(newest, act) else newest.id if newest else ""
    ours = replace(act, after=before)
    _check_readable(ours, environment)
    event = NewEvent(
        environment=environment,
        task=ACT_TASK,
        commit=commit,
        payload=act_payload(ours),
        description=_description(act),
    )

    def is_this(payload: object) -> bool:
        return _is(payload, ours)

    if just_read:
        found = next((each.id for each in known if _in_place_of(each, ours)), None)
        return add_event(github, repository, event, found=found, is_this=is_this)
    return write_event(github, repository, event, is_this=is_this)


def _check_readable(act: Act, environment: str) -> None:
    """Check that an act can be read back. InputError: it is too large."""
    if parse_act(act_payload(act), act_id="") is None:
        raise InputError(
            f"The {act.kind} in {one_line(environment, 100)} is not recorded: nobody could read it back.",
            fix=f"An act has at most {MAX_AGENTS} agents and 65,536 characters: name fewer agents with --agent, or "
            "give the manifest a shorter path.",
        )


def complete_act(github: GitHub, act: Act) -> None:
    """Give an act that was read its status, if the process that wrote it was interrupted before."""
    if not has_status(github, act.id):
        mark(github, act.id, Mark(state=State.INACTIVE, description=_description(act)))


def _description(act: Act) -> str:
    return one_line(f"{act.kind}: {act.reason}", 140)


def _is(payload: object, act: Act) -> bool:
    found = parse_act(payload, act_id="")
    return found is not None and _in_place_of(found, act)


def _in_place_of(found: Act, act: Act) -> bool:
    """Whether an act says the same, after the same act."""
    return found.after == act.after and _same(found, act)


def _same(found: Act, act: Act) -> bool:
    """Whether two acts say the same, whenever they were written."""
    written = parse_act(act_payload(replace(act, time=found.time, after=found.after)), act_id=found.id)
    return written == found
