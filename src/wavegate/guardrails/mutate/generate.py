"""The mutants of one script, and which of them change nothing."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.conditions.truth import Relation
from wavegate.guardrails.model import AgentReading, Loss, Variable
from wavegate.guardrails.mutate.candidates import BoundCandidate, Edit, code_candidates, sentence_candidates
from wavegate.guardrails.mutate.effect import ModelEffect, differing, effect_of
from wavegate.guardrails.mutate.rewriting import ScriptText
from wavegate.guardrails.mutate.values import Bound, BoundKind, Mutant
from wavegate.guardrails.script.read import read_script_model
from wavegate.text import clip

_DEAD = {
    "guard/overwritten": "the guard never takes effect: a later one of the same tool replaces it",
    "guard/misplaced": "the guard never takes effect where it stands",
    "statement/dropped": "the compiler drops the statement anyway",
    "confirm/unreadable": "the compiler takes the confirmation for switched off anyway",
    "tool/duplicate": "a later tool of the same name replaces this one",
    "action/duplicate": "a later action of the same name replaces this one",
}
_WIDER = frozenset({Relation.WIDER, Relation.INCOMPARABLE, Relation.UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutants:
    """The mutants of one agent, in the order of its script. unchanged: places that no change could be made to."""

    agent: str
    path: str
    mutants: tuple[Mutant, ...]
    unchanged: tuple[Bound, ...] = ()


def mutants_of(text: str, path: str, agent: str = "") -> Mutants:
    """Every mutant of a script, the equivalent ones with the reason. agent: its name; '' for the script's own."""
    reading = read_script_model(text, path)
    name = agent or reading.written.name
    return _Generation(text, path, name, reading).mutants()


class _Generation:
    """One pass over the candidates of a script."""

    def __init__(self, text: str, path: str, agent: str, reading: AgentReading) -> None:
        self._text = ScriptText(text)
        self._path = path
        self._agent = agent
        self._reading = reading
        self._before: dict[str, ModelEffect] = {}
        self._ids: Counter[str] = Counter()
        self._seen: dict[Hashable, str] = {}
        self._source = text

    def mutants(self) -> Mutants:
        found: list[Mutant] = []
        unchanged: list[Bound] = []
        for candidate in self._candidates():
            bound = self._bound(candidate)
            made = list(self._made(candidate, bound))
            found += made
            unchanged += [] if made else [bound]
        return Mutants(agent=self._agent, path=self._path, mutants=tuple(found), unchanged=tuple(unchanged))

    def _candidates(self) -> Iterator[BoundCandidate]:
        written = self._reading.written
        yield from code_candidates(self._source, self._path, guard_variables(self._reading))
        yield from sentence_candidates(written.instructions, written.topics)

    def _bound(self, candidate: BoundCandidate) -> Bound:
        return Bound(
            id=self._unique("/".join(filter(None, [self._agent, candidate.topic, candidate.tool, _slug(candidate)]))),
            kind=candidate.kind,
            agent=self._agent,
            topic=candidate.topic,
            tool=candidate.tool,
            action=candidate.action,
            text=candidate.text,
            location=Location(self._path, candidate.line, candidate.column),
        )

    def _made(self, candidate: BoundCandidate, bound: Bound) -> Iterator[Mutant]:
        for edit in candidate.edits:
            script = self._script(candidate, edit)
            if script is not None:
                mutant = Mutant(
                    id=self._unique(f"{bound.id}:{edit.mutation}"),
                    bound=bound,
                    mutation=edit.mutation,
                    change=edit.change,
                    script=script,
                )
                yield self._compared(mutant)

    def _script(self, candidate: BoundCandidate, edit: Edit) -> str | None:
        line, column = candidate.line, candidate.column
        if candidate.kind is BoundKind.PROHIBITION:
            return self._text.without_sentence(line, column, edit.old)
        if edit.new is None:
            standing = self._text.replaced(line, column, edit.old, edit.old)
            return None if standing is None else self._text.blanked(line)
        return self._text.replaced(line, column, edit.old, edit.new)

    def _compared(self, mutant: Mutant) -> Mutant:
        """The mutant, with the reason if it is equivalent to the script or to an earlier mutant."""
        if mutant.bound.kind is BoundKind.PROHIBITION:
            return mutant  # the model holds each sentence: without one, it is another
        before = self._effect_before(mutant.bound)
        effect = self._effect(ScriptText(mutant.script), mutant.bound)
        if effect.key == before.key:
            return replace(mutant, equivalent=self._why(mutant))
        variables = self._reading.emitted.variables
        relations = differing(before, effect, variables)
        if relations and all(each is Relation.EQUIVALENT for each in relations):
            return replace(mutant, equivalent="the condition holds for the same values")
        twin = self._seen.setdefault(effect.key, mutant.id)
        if twin != mutant.id:
            return replace(mutant, equivalent=f"it acts as {twin} does")
        only = bool(relations) and all(each is Relation.WIDER for each in relations or ())
        return replace(mutant, widens=_widens(mutant, relations), only_widens=only)

    def _effect(self, text: ScriptText, bound: Bound) -> ModelEffect:
        """The effect of the topic that a bound is in: a change inside of it changes nothing outside."""
        return effect_of(read_script_model(text.block(bound.location.line), self._path).emitted)

    def _effect_before(self, bound: Bound) -> ModelEffect:
        if bound.topic not in self._before:
            self._before[bound.topic] = self._effect(self._text, bound)
        return self._before[bound.topic]

    def _why(self, mutant: Mutant) -> str:
        found = (each for each in self._reading.losses if _about(each, mutant.bound))
        return next((_DEAD[each.rule] for each in found if each.rule in _DEAD), "the compiler emits the same agent")

    def _unique(self, name: str) -> str:
        self._ids[name] += 1
        return name if self._ids[name] == 1 else f"{name}-{self._ids[name]}"


def _widens(mutant: Mutant, relations: tuple[Relation, ...] | None) -> bool:
    """Whether the agent may do more. A gate that leaves the topic less often is one that lets more through."""
    if not relations:
        return True
    if mutant.bound.kind is BoundKind.GATE:
        return any(each is not Relation.WIDER for each in relations)
    return any(each in _WIDER for each in relations)


def _about(loss: Loss, bound: Bound) -> bool:
    same_line = loss.location.line == bound.location.line
    return same_line or (loss.topic == bound.topic and loss.tool == bound.tool and loss.rule.endswith("/duplicate"))


def _slug(candidate: BoundCandidate) -> str:
    """What tells a place from others of the same tool while lines move."""
    if candidate.kind is BoundKind.PROHIBITION:
        return f"prohibition-{hashlib.sha256(candidate.text.encode()).hexdigest()[:8]}"
    if candidate.kind in (BoundKind.INPUT, BoundKind.SET):
        name = candidate.text.removeprefix("set ").partition("=")[0].strip().removeprefix("@variables.")
        return clip(f"{candidate.kind.name.lower()}-{name}", 80)
    return candidate.kind.name.lower()


def guard_variables(reading: AgentReading) -> dict[str, str]:
    """The variables that some condition of the agent reads, with their types; '' for one that is not declared."""
    effects: list[ModelEffect] = [effect_of(reading.emitted), effect_of(reading.written)]
    read = {
        each.name
        for effect in effects
        for condition in effect.conditions
        if condition
        for each in references(condition).values()
        if each.space == "variables"
    }
    declared: dict[str, Variable] = {each.name: each for each in reading.written.variables}
    return {name: declared[name].type if name in declared else "" for name in sorted(read)}
