"""Weaken one guard at a time in every script of a folder, and hold what we report against the official compiler.

    AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs WAVEGATE_AGENT_CORPUS=…/scripts python tests/corpus/weakened.py [FOLDER …]

Each mutant changes one guard: it is dropped, set to True, weakened from `and` to `or`, negated, or moved by one; a
confirmation is disabled; an input that is bound is left to the model; a variable is set to True and not to a value; a
gate is dropped. If the compiled output differs, the comparison must report a widening at that line, or, for a mutant
that may close something too, some direction. If it does not, the mutant is equivalent, and the comparison must report
no widening; the reason is what makes it so. Prints counts for each kind of mutant, each disagreement, and the time of
our comparisons against one compilation of each script. Returns 1 if anything disagrees.
"""

import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.corpus.agree import compiled  # noqa: E402

from wavegate.guardrails.conditions.expression import AtReference, Literal  # noqa: E402
from wavegate.guardrails.diff.change import GuardrailChange  # noqa: E402
from wavegate.guardrails.diff.compare import compare_guardrails  # noqa: E402
from wavegate.guardrails.diff.rules import Direction  # noqa: E402
from wavegate.guardrails.model import (  # noqa: E402
    AgentModel,
    AgentReading,
    BranchStep,
    Guardrails,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    TransitionStep,
)
from wavegate.guardrails.script.read import read_script_model  # noqa: E402

WIDENING = {Direction.WIDENS, Direction.UNKNOWN}
GUARD = re.compile(r"^(\s*available when\s+)(.+?)(\s+#.*)?$")
OPENS = {"drop", "True", "and to or", "unpin", "confirmation", "gate"}
"""Mutants that only open; the others may close as well."""


@dataclass(frozen=True)
class Mutant:
    """A script with a guard changed. lines: those of the change, from 1. human: whether the tool leads to a human."""

    kind: str
    lines: tuple[int, ...]
    text: str
    human: bool = False


def mutants(text: str, model: AgentModel, dead: set[int]) -> Iterator[Mutant]:
    """Every mutant of a script. dead: lines of guards that do not take effect."""
    lines = text.split("\n")
    humans = {
        tool.guard.location.line
        for topic in model.topics
        for tool in topic.tools
        if tool.kind is ToolKind.ESCALATION and tool.guard
    }
    guards = {tool.guard.location.line for topic in model.topics for tool in topic.tools if tool.guard} | dead
    for line in sorted(guards):
        if match := GUARD.match(lines[line - 1].rstrip("\r")):
            yield from _of_guard(lines, line, match, human=line in humans)
    for topic in model.topics:
        for action in topic.actions:
            if action.confirmed and action.confirmed_at:
                at = action.confirmed_at.line
                yield _edited(lines, at, "confirmation", re.sub(r"True", "False", lines[at - 1]))
        for step in topic.before:
            if leads := _gate(step):
                yield _dropped(lines, step.location.line, leads.location.line, "gate")
        for tool in topic.tools:
            yield from _of_tool(lines, tool)


def _of_tool(lines: list[str], tool: Tool) -> Iterator[Mutant]:
    bound = [each for each in tool.bindings if isinstance(each.value, AtReference | Literal)]
    for binding in bound if tool.kind is ToolKind.ACTION else ():
        at, name = binding.location.line, re.escape(binding.name)
        bound_to = rf'(\b|"){name}("?\s*=\s*)(?:@[\w.]+|"[^"]*"|[\w.]+)'
        found = re.sub(bound_to, rf"\g<1>{binding.name}\g<2>...", lines[at - 1], count=1)
        yield _edited(lines, at, "unpin", found)
    for step in _sets(tool.then) if tool.kind is not ToolKind.SET else ():
        at = step.location.line
        yield _edited(lines, at, "set to True", re.sub(r"(@variables\.\w+\s*=\s*).*", r"\1True", lines[at - 1]))


def _gate(step: Statement) -> TransitionStep | None:
    """Where a branch leads that does nothing else."""
    if not isinstance(step, BranchStep) or step.otherwise or len(step.then) != 1:
        return None
    return step.then[0] if isinstance(step.then[0], TransitionStep) else None


def _sets(steps: tuple[Statement, ...]) -> Iterator[SetStep]:
    for step in steps:
        match step:
            case SetStep():
                if isinstance(step.value, AtReference):
                    yield step
            case RunStep(then=then):
                yield from _sets(then)
            case BranchStep(then=then, otherwise=otherwise):
                yield from _sets((*then, *otherwise))


def _of_guard(lines: list[str], line: int, match: re.Match[str], *, human: bool) -> Iterator[Mutant]:
    head, condition = match[1], match[2]
    yield _dropped(lines, line, line, "drop", human=human)
    changes = {
        "True": "True",
        "and to or": condition.replace(" and ", " or ", 1),
        "negated": condition.replace("==", "!=", 1) if "==" in condition else condition.replace("!=", "==", 1),
        "bound": re.sub(r"<(?!=)", "<=", condition, count=1),
    }
    for kind, changed in changes.items():
        if changed != condition:
            yield _edited(lines, line, kind, head + changed, human=human)


def _edited(lines: list[str], line: int, kind: str, changed: str, *, human: bool = False) -> Mutant:
    text = "\n".join([*lines[: line - 1], changed, *lines[line:]])
    return Mutant(kind, (line,), text, human)


def _dropped(lines: list[str], first: int, last: int, kind: str, *, human: bool = False) -> Mutant:
    text = "\n".join([*lines[: first - 1], *lines[last:]])
    return Mutant(kind, tuple(range(first, last + 1)), text, human)


def guardrails_of(text: str) -> tuple[AgentReading, Guardrails]:
    """What bounds the agent of a script."""
    reading = read_script_model(text, "a.agent")
    return reading, Guardrails(agents={reading.emitted.name: reading})


def emitted(output: dict[str, Any]) -> tuple[Any, ...]:
    """What counts of a compiled script."""
    return output["start"], output["nodes"], output.get("variables")


def at_lines(changes: tuple[GuardrailChange, ...], lines: tuple[int, ...]) -> list[GuardrailChange]:
    """The changes whose place is one of the lines on either side."""
    return [each for each in changes if {place.line for place in (each.before, each.after) if place} & set(lines)]


def problem(mutant: Mutant, changes: tuple[GuardrailChange, ...], *, differs: bool) -> str:
    """What is wrong with what is reported of a mutant, '' if nothing is."""
    directions = {each.direction for each in at_lines(changes, mutant.lines)}
    if differs:
        if not directions:
            return "nothing is reported at the line"
        opens = mutant.kind in OPENS and not mutant.human
        equivalent = {each.rule for each in at_lines(changes, mutant.lines)} <= {"guard/equivalent", "guard/restored"}
        return "no widening is reported" if opens and not directions & WIDENING and not equivalent else ""
    widening = [each.message for each in changes if each.direction in WIDENING]
    return f"equivalent, and reported: {widening[0]}" if widening else ""


def reason(mutant: Mutant, changes: tuple[GuardrailChange, ...], losses: dict[int, str]) -> str:
    """Why a mutant is equivalent."""
    rules = {each.rule for each in changes}
    return losses.get(mutant.lines[0]) or ("the same truth" if "guard/equivalent" in rules else "not compiled")


def main(folders: list[Path]) -> int:
    """Try every mutant of every script, and print what was found."""
    counts: Counter[tuple[str, str]] = Counter()
    wrong = ours = theirs = 0.0
    paths = [path for folder in folders for path in sorted(folder.rglob("*.agent"))]
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            text = path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
            reading, rails = guardrails_of(text)
            losses = {each.location.line: each.rule for each in reading.losses}
            dead = {line for line, rule in losses.items() if rule == "guard/overwritten"}
            found = list(mutants(text, reading.emitted, dead))
            files = [Path(scratch) / f"{number}.agent" for number in range(len(found) + 1)]
            for file, content in zip(files, [text, *(each.text for each in found)], strict=True):
                file.write_text(content, "utf-8")
            base, *outputs = compiled(files)
            theirs += base["seconds"]
            started = time.process_time()
            same = compare_guardrails(guardrails_of(text)[1], guardrails_of(text + "\n")[1])
            ours += time.process_time() - started
            if same:
                wrong += 1
                print(f"{path}: the identity is reported: {same[0].message}")
            for mutant, output in zip(found, outputs, strict=True):
                changes = compare_guardrails(rails, guardrails_of(mutant.text)[1])
                differs = emitted(output) != emitted(base)
                if said := problem(mutant, changes, differs=differs):
                    wrong += 1
                    print(f"{path}:{mutant.lines[0]}: {mutant.kind}: {said}")
                    for each in changes:
                        print(f"    {each.rule} {each.direction} {each.before} {each.after} {each.message}")
                why = "changes the output" if differs else f"equivalent: {reason(mutant, changes, losses)}"
                counts[mutant.kind, why] += 1
                if differs:
                    for direction in {each.direction for each in at_lines(changes, mutant.lines)}:
                        counts[mutant.kind, f"reported as {direction}"] += 1
    for (kind, what), count in sorted(counts.items()):
        print(f"{kind}: {count} {what}")
    tried = sum(count for (_, what), count in counts.items() if "reported" not in what)
    print(f"{len(paths)} scripts, {tried} mutants, {wrong:.0f} wrong")
    print(
        f"time: both sides and the comparison {ours:.2f} s, one compilation {theirs:.2f} s, ratio {ours / theirs:.2f}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main([Path(each) for each in sys.argv[1:]] or [Path(os.environ["WAVEGATE_AGENT_CORPUS"])]))
