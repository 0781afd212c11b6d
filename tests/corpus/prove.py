"""Measure the proofs on a folder of scripts: how many are complete, how many states they take, and how long.

Usage: WAVEGATE_AGENT_CORPUS=/path/to/scripts python tests/corpus/prove.py [--verbose]

Two measures. Whole: every conversation of an agent with all variables that any condition reads. Properties: for each
action that a topic offers, `never ACTION unless` the condition of its first guard, and `always confirm ACTION`;
and `escalation reachable from every topic`. Times are of this process's CPU.
"""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src")]

from wavegate.guardrails.conditions.expression import Literal  # noqa: E402
from wavegate.guardrails.model import AgentModel, BranchStep, ToolKind  # noqa: E402
from wavegate.guardrails.properties import AlwaysConfirm, NeverUnless, Property, Reachable  # noqa: E402
from wavegate.guardrails.prove.checker import prove_model  # noqa: E402
from wavegate.guardrails.prove.execute import ExhaustedError  # noqa: E402
from wavegate.guardrails.prove.explore import Exploration  # noqa: E402
from wavegate.guardrails.prove.monitor import Monitor  # noqa: E402
from wavegate.guardrails.prove.program import build_program  # noqa: E402
from wavegate.guardrails.prove.proof import MAX_SECONDS, Bounds  # noqa: E402
from wavegate.guardrails.prove.relevance import statements_of, tools_of, variables_of  # noqa: E402
from wavegate.guardrails.script.read import read_script_model  # noqa: E402


class Measured(NamedTuple):
    """One exploration. complete: within the bounds, with all variables followed."""

    name: str
    complete: bool
    states: int
    seconds: float
    verdict: str


def bounds() -> Bounds:
    """The bounds of the command."""
    end = time.process_time() + MAX_SECONDS
    return Bounds(late=lambda: time.process_time() > end)


def whole(name: str, model: AgentModel) -> Measured:
    """All conversations of an agent."""
    start = time.process_time()
    conditions = [tool.guard.condition for topic in model.topics for tool in tools_of(model, topic) if tool.guard]
    statements = [each for topic in model.topics for each, _ in statements_of(model, topic)]
    conditions += [each.guard.condition for each in statements if isinstance(each, BranchStep)]
    program = build_program(model, Monitor(), {name for each in conditions for name in variables_of(each)}, ())
    exploration = Exploration(program, bounds())
    try:
        exploration.violation()
        complete = True
    except ExhaustedError:
        complete = False
    return Measured(name, complete, len(exploration.parents), time.process_time() - start, "")


def properties(model: AgentModel) -> Iterator[Property]:
    """Properties that are of interest for an agent."""
    yield Reachable(target="", topics=(), text="escalation reachable from every topic")
    for topic in model.topics:
        for tool in topic.tools:
            if tool.kind is ToolKind.ACTION:
                condition = tool.guard.condition if tool.guard else Literal(value=True)
                yield NeverUnless(action=tool.target, condition=condition, text=f"never {tool.target} unless …")
                yield AlwaysConfirm(action=tool.target, text=f"always confirm {tool.target}")


def proved(name: str, model: AgentModel, watched: Property) -> Measured:
    """One property of an agent."""
    start = time.process_time()
    proof = prove_model(model, watched, bounds())
    verdict = f"{proof.verdict}{', possible' if proof.conversation and not proof.confirmed else ''}"
    return Measured(
        f"{name}: {proof.property}", not proof.dropped, proof.states, time.process_time() - start, verdict
    )


def nearly(ordered: Sequence[float]) -> float:
    """What 95 % do not exceed."""
    return ordered[len(ordered) * 95 // 100]


def report(title: str, measured: list[Measured]) -> None:
    """Print one measure."""
    times = sorted(each.seconds * 1000 for each in measured)
    states = sorted(each.states for each in measured)
    late = [each.name for each in measured if not each.complete]
    print(f"{title}: {len(measured) - len(late)} of {len(measured)} complete")
    print(
        f"  ms: median {statistics.median(times):.2f}, 95 % {times[len(times) * 95 // 100]:.1f}, most {times[-1]:.0f}"
    )
    print(
        f"  states: median {statistics.median(states):g}, 95 % {states[len(states) * 95 // 100]}, most {states[-1]}"
    )
    print(f"  verdicts: {dict(Counter(each.verdict for each in measured))}")
    for name in late:
        print(f"  not complete: {name}")


def main() -> None:
    """Measure every script of the folder that has a topic to start in."""
    folder = Path(os.environ["WAVEGATE_AGENT_CORPUS"])
    paths = sorted(folder.rglob("*.agent"))
    readings = [(path.stem, read_script_model(path.read_text("utf-8-sig", "replace"), path.name)) for path in paths]
    models = [(name, reading.emitted) for name, reading in readings if reading.emitted.start]
    print(f"{len(paths)} scripts, {len(models)} with a topic to start in")
    report("Whole", [whole(name, model) for name, model in models])
    single = [proved(name, model, each) for name, model in models for each in properties(model)]
    report("Properties", single)
    if "--verbose" in sys.argv:
        for each in sorted(single, key=lambda each: -each.seconds)[:20]:
            print(f"  {each.seconds * 1000:.0f} ms, {each.states} states, {each.verdict}: {each.name}")


if __name__ == "__main__":
    main()
