"""Time of comparing what bounds 400 agents in two commits, both sides read, against compiling one side once.

    [AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs] python tests/bench/bench_guardrails_diff.py [SCRIPTS]

The scripts are our own, each under many names; the later commit has every second guard removed. Without the official
compiler, the peer is our own reader over one side. Prints `name | ours | peer | ratio | budget`, in CPU time.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.corpus.agree import GOLDEN, compiled  # noqa: E402
from tests.support.guardrail_changes import examples, sides_of  # noqa: E402

from wavegate.guardrails.diff.compare import compare_guardrails  # noqa: E402
from wavegate.guardrails.model import Guardrails  # noqa: E402
from wavegate.guardrails.script.read import read_script_model  # noqa: E402

COMPILER_BUDGET = 0.5
"""Times one compilation."""
READER_BUDGET = 4.0
"""Times reading one side: two sides are read, and compared."""


def own_scripts(number: int) -> list[str]:
    """That many scripts with different texts."""
    texts = [path.read_text("utf-8") for path in sorted(GOLDEN.glob("*.agent"))]
    texts += [text for path in examples("change") for text in sides_of(path)[0].values() if "start_agent" in text]
    return [f"# {n}\n{texts[n % len(texts)]}" for n in range(number)]


def weakened(text: str) -> str:
    """The script without every second guard."""
    lines, guards = [], 0
    for line in text.split("\n"):
        guards += (is_guard := line.strip().startswith("available when"))
        if not is_guard or guards % 2:
            lines.append(line)
    return "\n".join(lines)


def guardrails_of(texts: list[str]) -> Guardrails:
    """What bounds the agents of all scripts."""
    return Guardrails(agents={f"Desk_{n}": read_script_model(text, f"{n}.agent") for n, text in enumerate(texts)})


def main() -> None:
    before = own_scripts(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
    after = [weakened(text) for text in before]
    start = time.process_time()
    rails = guardrails_of(before)
    read = time.process_time() - start
    found = sum(len(compare_guardrails(*pair)) for pair in _pairs(rails, guardrails_of(after)))
    ours = time.process_time() - start
    name = f"comparing {len(before)} scripts, {found} changes"
    if os.environ.get("AGENTSCRIPT_SDK_ENTRY"):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{n}.agent" for n in range(len(before))]
            for path, text in zip(paths, before, strict=True):
                path.write_text(text, "utf-8")
            theirs = sum(output["seconds"] for output in compiled(paths))
        print(f"{name} | {ours:.2f} s | one compilation {theirs:.2f} s | {ours / theirs:.2f} | {COMPILER_BUDGET}")
    print(f"{name} | {ours:.2f} s | reading one side {read:.2f} s | {ours / read:.1f} | {READER_BUDGET}")


def _pairs(before: Guardrails, after: Guardrails) -> list[tuple[Guardrails, Guardrails]]:
    """The two sides of each agent: the scripts have one developer name."""
    return [
        (Guardrails(agents={name: before.agents[name]}), Guardrails(agents={name: after.agents[name]}))
        for name in before.agents
    ]


if __name__ == "__main__":
    main()
