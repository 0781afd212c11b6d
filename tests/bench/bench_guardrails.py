"""Time of reading Agent Script, against the official compiler if it is there, and against tokenizing the same text.

    [AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs] [WAVEGATE_AGENT_CORPUS=…/scripts] python tests/bench/bench_guardrails.py

Without a corpus, our own scripts are read. Prints `name | ours | peer | ratio | budget`, in CPU time. The compiler's
time is that of its process in Node.js after it was warmed up by the first scripts; the tokenizer is one regular
expression over the text, the least that a reader in Python could take. The last line is the slowest of the hostile
scripts that the tests read, against its size.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.corpus.agree import GOLDEN, compiled  # noqa: E402

from wavegate.guardrails.script.read import read_script_model  # noqa: E402

TOKEN = re.compile(r'[ \t]*\n[ \t]*|"(?:[^"\\]|\\.)*"|\w+|[^\w\s]|[ \t]+')
COMPILER_BUDGET = 1.0
"""Times the compiler's time."""
TOKENIZER_BUDGET = 20
"""Times the time of the tokenizer."""
HOSTILE_BUDGET = 20
"""Seconds for a mebibyte of the slowest script."""
TOPIC = 'start_agent desk:\n    description: "d"\n    reasoning:\n        actions:\n            pay: @actions.pay\n'
HOSTILE = (
    "                available when @variables.ok\n",
    "                with " + "a=1, " * 500 + "\n",
    "                with a=(\n",
    "            pay: @actions.pay\n",
    "                if @variables.a:\n                    set @variables.b = 1\n",
    "                set @variables.a = \\\n",
    "            | Never do this. Always do that.\n",
)


def seconds(read: Callable[[str], object], texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - started


def model(text: str) -> object:
    return read_script_model(text, "a.agent")


def main() -> None:
    folder = Path(os.environ.get("WAVEGATE_AGENT_CORPUS") or GOLDEN)
    paths = sorted(folder.rglob("*.agent"))
    texts = [path.read_bytes().decode("utf-8", "replace") for path in paths]
    ours = seconds(model, texts)
    name = f"reading {len(texts)} scripts"
    if os.environ.get("AGENTSCRIPT_SDK_ENTRY"):
        theirs = sum(output["seconds"] for output in compiled(paths))
        ratio = f"{ours / theirs:.2f}"
        print(f"{name} | {ours:.2f} s | official compiler {theirs:.2f} s | {ratio} | {COMPILER_BUDGET:.1f}")
    floor = seconds(TOKEN.findall, texts)
    print(f"{name} | {ours:.2f} s | tokenizer {floor:.2f} s | {ours / floor:.1f} | {TOKENIZER_BUDGET}")
    slowest = max(seconds(model, [TOPIC + unit * (2**20 // 4 // len(unit))]) for unit in HOSTILE) * 4
    print(f"slowest hostile script | {slowest:.1f} s | its size 1 MiB | {slowest:.1f} | {HOSTILE_BUDGET}")


if __name__ == "__main__":
    main()
