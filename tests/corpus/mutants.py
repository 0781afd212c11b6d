"""Compares the mutants of a corpus with the official compiler: which ones change what it compiles.

    AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs WAVEGATE_AGENT_CORPUS=…/scripts python tests/corpus/mutants.py [EVERY]

Prints how many mutants change the output, and each one whose equivalence disagrees with it. EVERY: each n-th script.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.support.tools import node_bin  # noqa: E402

from wavegate.guardrails.mutate.generate import mutants_of  # noqa: E402
from wavegate.guardrails.mutate.values import Mutant  # noqa: E402

SAME_FOR_ALL_VALUES = ("the condition holds", "it acts as")
"""Equivalences of meaning, not of text: the compiler's output may differ."""


def compiled(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """What the official compiler makes of scripts, without places."""
    command = [str(node_bin() / "node"), str(Path(__file__).with_name("compile.mjs"))]
    done = subprocess.run(command, input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def written(folder: Path, scripts: list[str]) -> list[Path]:
    """The scripts as files of a folder."""
    paths = [folder / f"{number}.agent" for number in range(len(scripts))]
    for path, script in zip(paths, scripts, strict=True):
        path.write_text(script, "utf-8")
    return paths


def verdict(mutant: Mutant, before: dict[str, Any], after: dict[str, Any]) -> str:
    """How the mutant's equivalence and the compiler's output agree."""
    changes = before["nodes"] != after["nodes"]
    if after["errors"]:
        return "does not compile"
    if mutant.equivalent.startswith(SAME_FOR_ALL_VALUES):
        return "equivalent in meaning"
    if changes == (not mutant.equivalent):
        return "changes the output" if changes else "equivalent, and leaves the output as it is"
    return "DISAGREES"


def main() -> None:
    """Compare all scripts of the corpus that compile without an error."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    scripts = sorted(Path(os.environ["WAVEGATE_AGENT_CORPUS"]).rglob("*.agent"))[::every]
    counts: Counter[tuple[str, str]] = Counter()
    for path, before in zip(scripts, compiled(scripts), strict=True):
        if before["errors"]:
            continue
        mutants = mutants_of(path.read_text("utf-8"), str(path)).mutants
        with tempfile.TemporaryDirectory() as folder:
            for mutant, after in zip(
                mutants, compiled(written(Path(folder), [each.script for each in mutants])), strict=True
            ):
                found = verdict(mutant, before, after)
                counts[mutant.mutation.value, found] += 1
                if found == "DISAGREES":
                    print(f"{path.name}: {mutant.id}: {mutant.equivalent or 'said to change the output'}")
    for (mutation, found), count in sorted(counts.items()):
        print(f"{mutation:24} {count:6} {found}")


if __name__ == "__main__":
    main()
