"""Proves a property of an agent, or refutes it, on what is emitted and on what is written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from wavegate.guardrails.model import AgentModel, AgentReading
from wavegate.guardrails.properties import Property, Reachable, SetOnlyBy
from wavegate.guardrails.prove.choices import ConversationState
from wavegate.guardrails.prove.clear import clear_from_names
from wavegate.guardrails.prove.companions import companions_of
from wavegate.guardrails.prove.conversation import Move, moves_of, moves_to, steps_of
from wavegate.guardrails.prove.execute import ExhaustedError, PropertyViolation
from wavegate.guardrails.prove.explore import Exploration
from wavegate.guardrails.prove.judge import violated
from wavegate.guardrails.prove.monitor import Monitor, monitor_of
from wavegate.guardrails.prove.program import Program, build_program
from wavegate.guardrails.prove.proof import Bounds, ConversationStep, Proof, ProofVerdict
from wavegate.guardrails.prove.reachable import look_for
from wavegate.guardrails.prove.relevance import relevant_variables
from wavegate.guardrails.prove.replay import replayed
from wavegate.text import join_names, pluralize

_DEFAULT_BOUNDS = Bounds()
_QUICK_STATES, _QUICK_WORK = 10_000, 100_000
"""Bounds of the first attempts."""
_HOLDS = "It holds in every conversation that the script allows, whatever the model chooses"


def prove(reading: AgentReading, watched: Property, bounds: Bounds = _DEFAULT_BOUNDS) -> Proof:
    """The verdict on a property of an agent.

    What the compiler emits counts; what is written gets its own verdict where it differs. A property on values comes
    with who may set them. Beyond the bounds, the variables that concern the property least are no longer followed.
    """
    proof = prove_model(reading.emitted, watched, bounds)
    if reading.written != reading.emitted:
        written = prove_model(reading.written, watched, bounds).verdict
        losses = reading.losses if written is not proof.verdict else ()
        proof = replace(proof, written=written, losses=losses)
    companions = companions_of(reading.emitted, watched)
    return replace(proof, companions=tuple(prove_model(reading.emitted, each, bounds) for each in companions))


def prove_model(model: AgentModel, watched: Property, bounds: Bounds = _DEFAULT_BOUNDS) -> Proof:
    """The verdict on a property of one reading of an agent."""
    found = Proof(agent=model.name, property=watched.text.strip(), verdict=ProofVerdict.UNKNOWN, reason="")
    stated = clear_from_names(model, watched)
    if stated:
        return replace(found, verdict=stated[0], reason=stated[1])
    attempt = _explored(model, watched, bounds)
    verdict, reason = attempt.verdict, attempt.reason
    if verdict is ProofVerdict.PROVED and model.unknown:
        first = model.unknown[0].location
        reason = (
            f"It holds for what was understood; {pluralize(len(model.unknown), 'line')} could not be read, "
            f"first {first.file}:{first.line}."
        )
        verdict = ProofVerdict.UNKNOWN
    return replace(
        found,
        verdict=verdict,
        reason=reason,
        states=attempt.states,
        conversation=attempt.conversation,
        confirmed=attempt.confirmed,
        dropped=attempt.dropped,
    )


class _Attempt(NamedTuple):
    """What one exploration found."""

    verdict: ProofVerdict
    reason: str
    states: int = 0
    conversation: tuple[ConversationStep, ...] = ()
    confirmed: bool = False
    dropped: tuple[str, ...] = ()


def _explored(model: AgentModel, watched: Property, bounds: Bounds) -> _Attempt:
    """The verdict with all variables that bear on the property, or with the nearest that the bounds allow."""
    monitor = monitor_of(watched)
    relevant = list(relevant_variables(model, monitor))
    why, unsure = "", None
    for kept, limit in _plan(len(relevant), bounds):
        dropped = tuple(relevant[kept:])
        try:
            attempt = _with_settings(model, watched, monitor, relevant, dropped, limit)
        except ExhaustedError as error:
            why = str(error)
            continue
        if not dropped or attempt.verdict in (ProofVerdict.PROVED, ProofVerdict.VACUOUS) or attempt.confirmed:
            return attempt._replace(dropped=dropped)
        unsure = attempt._replace(dropped=dropped)
    return _undecided(unsure, why)


def _plan(count: int, bounds: Bounds) -> Iterator[tuple[int, Bounds]]:
    """How many variables to follow, and within which bounds: what is proved with few of them holds with all."""
    quick = replace(bounds, states=min(bounds.states, _QUICK_STATES), work=min(bounds.work, _QUICK_WORK))
    fewer = [1 << power for power in range(count.bit_length()) if 1 << power < count]
    yield count, quick
    for kept in fewer:
        yield kept, quick
    yield count, bounds
    for kept in reversed(fewer):
        yield kept, bounds


def _undecided(unsure: _Attempt | None, why: str) -> _Attempt:
    reason = f"The search was given up: {why}."
    if unsure is None:
        return _Attempt(ProofVerdict.UNKNOWN, reason)
    names = join_names(unsure.dropped)
    reason = f"{reason} Without the values of {names} it cannot be decided."
    return _Attempt(ProofVerdict.UNKNOWN, reason, unsure.states, dropped=unsure.dropped)


def _with_settings(
    model: AgentModel,
    watched: Property,
    monitor: Monitor,
    relevant: Sequence[str],
    dropped: Sequence[str],
    bounds: Bounds,
) -> _Attempt:
    """The verdict for both settings of whether a turn begins in the start topic, if the script does not say which."""
    program = build_program(model, monitor, relevant, dropped)
    if program.resets is not None:
        return _with_setting(program, watched, bounds)
    if not isinstance(watched, Reachable):
        either = Exploration(program, bounds)
        if either.violation() is None:
            return _never_violated(either, watched)
    attempts = [_with_setting(replace(program, resets=each), watched, bounds) for each in (True, False)]
    states = max(attempt.states for attempt in attempts)
    return min(attempts, key=_most_telling)._replace(states=states)


def _most_telling(attempt: _Attempt) -> tuple[int, bool, int]:
    order = (ProofVerdict.REFUTED, ProofVerdict.UNKNOWN, ProofVerdict.PROVED, ProofVerdict.VACUOUS)
    return order.index(attempt.verdict), not attempt.confirmed, len(attempt.conversation)


def _with_setting(program: Program, watched: Property, bounds: Bounds) -> _Attempt:
    if isinstance(watched, Reachable):
        return _reached(program, watched, bounds)
    exploration = Exploration(program, bounds)
    violation = exploration.violation()
    if violation is None:
        return _never_violated(exploration, watched)
    found = _refuted_by(program, watched, exploration, violation)
    if found.confirmed:
        return found
    surely = Exploration(program, bounds, only_certain=True)
    certain = surely.violation()
    return _refuted_by(program, watched, surely, certain) if certain else found


def _refuted_by(
    program: Program, watched: Property, exploration: Exploration, violation: PropertyViolation
) -> _Attempt:
    moves = moves_of(exploration, violation)
    confirmed = _is_confirmed(program, watched, moves)
    return _refuted(program, exploration, moves, violation.text, confirmed=confirmed)


def _never_violated(exploration: Exploration, watched: Property) -> _Attempt:
    states = len(exploration.parents)
    if exploration.explorer.execution.events:
        return _Attempt(ProofVerdict.PROVED, f"{_HOLDS}.", states)
    if isinstance(watched, SetOnlyBy):
        return _Attempt(ProofVerdict.VACUOUS, f"Nothing sets `{watched.variable}`.", states)
    action = "" if isinstance(watched, Reachable) else watched.action
    return _Attempt(ProofVerdict.VACUOUS, f"No conversation calls `{action}`.", states)


def _refuted(
    program: Program, exploration: Exploration, moves: list[Move], text: str, *, confirmed: bool
) -> _Attempt:
    steps = steps_of(program, moves)
    reason = f"{text[:1].upper()}{text[1:]}." if not text.startswith("`") else f"{text}."
    if not confirmed:
        reason += (
            " This conversation is possible as far as the script shows; it was not confirmed with concrete values."
        )
    return _Attempt(ProofVerdict.REFUTED, reason, len(exploration.parents), steps, confirmed)


def _is_confirmed(program: Program, watched: Property, moves: list[Move]) -> bool:
    replay = replayed(program.model, moves, program.variables, resets=program.resets)
    return replay is not None and violated(watched, replay)


def _reached(program: Program, watched: Reachable, bounds: Bounds) -> _Attempt:
    exploration = Exploration(program, bounds)
    result = look_for(exploration, watched)
    target = f"`{watched.target}`" if watched.target else "a human"
    states = len(exploration.parents)
    if not result.states:
        return _Attempt(ProofVerdict.VACUOUS, f"No conversation comes to {_listed(watched.topics)}.", states)
    if result.trapped:
        return _trap(program, watched, exploration, result.trapped, f"nothing leads to {target} from here")
    if result.unsure:
        reason = f"What leads to {target} from `{result.unsure.topic}` depends on a condition that is not known."
        return _Attempt(ProofVerdict.UNKNOWN, reason, states)
    return _Attempt(
        ProofVerdict.PROVED, f"Wherever the conversation is, some continuation leads to {target}.", states
    )


def _trap(
    program: Program, watched: Reachable, exploration: Exploration, state: ConversationState, text: str
) -> _Attempt:
    moves = moves_to(exploration, state)
    return _refuted(program, exploration, moves, text, confirmed=_is_confirmed(program, watched, moves))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "any topic"
