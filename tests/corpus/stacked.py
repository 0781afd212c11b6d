"""List the tools of a folder of Agent Scripts that lose a guard to a later one.

    WAVEGATE_AGENT_CORPUS=…/scripts python tests/corpus/stacked.py

Prints one line for each guard that the compiler overwrites, then the totals. Scripts with the same text, white space
aside, are counted once.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src")]

from wavegate.guardrails.model import Guardrails, Loss  # noqa: E402
from wavegate.guardrails.policy.context import AgentContext  # noqa: E402
from wavegate.guardrails.policy.loss_rules import losses  # noqa: E402
from wavegate.guardrails.script.read import read_script_model  # noqa: E402
from wavegate.release.policy.values import GuardrailPolicy  # noqa: E402

RULE = "guard/overwritten"


def distinct(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and text of each script whose text no earlier one has."""
    seen = set()
    for path in sorted(folder.rglob("*.agent")):
        text = path.read_text("utf-8", errors="replace")
        key = "".join(text.split())
        if key not in seen:
            seen.add(key)
            yield path.relative_to(folder).as_posix(), text


def overwritten(path: str, text: str) -> list[Loss]:
    """The guards of a script that a later one overwrites, as the check reports them."""
    reading = read_script_model(text, path)
    context = AgentContext(
        name=reading.emitted.name, reading=reading, guardrails=Guardrails(), policy=GuardrailPolicy()
    )
    places = {each.finding.location for each in losses(context) if each.finding.rule == RULE}
    return [each for each in reading.losses if each.rule == RULE and each.location in places]


def main() -> None:
    """Print the guards and the totals."""
    folder = Path(os.environ["WAVEGATE_AGENT_CORPUS"])
    scripts, tools = 0, set()
    for path, text in distinct(folder):
        scripts += 1
        for loss in overwritten(path, text):
            tools.add((path, loss.topic, loss.tool))
            print(f"{path}:{loss.location.line}: {loss.topic}.{loss.tool}: {loss.message}")
    files = {path for path, _, _ in tools}
    print(f"{len(tools)} tools in {len(files)} of {scripts} distinct scripts lose a guard.")


if __name__ == "__main__":
    main()
