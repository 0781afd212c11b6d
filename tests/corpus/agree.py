"""Hold our reader of Agent Script against the official compiler, over a folder of scripts.

    AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs WAVEGATE_AGENT_CORPUS=…/scripts python tests/corpus/agree.py [FOLDER …]
    AGENTSCRIPT_SDK_ENTRY=…/sdk.mjs python tests/corpus/agree.py --golden

The compiler is the official one, built by whoever runs this; the folder holds `.agent` files, in folders or not.
Compares every node of every script that compiles without an error: tools with their targets and guards, inputs that
are bound or filled by the model, state updates, definitions with their confirmation, hand-offs, and what runs before,
during and after reasoning and behind a tool. Prints counts by folder, each disagreement, what was not understood of
the scripts that compile, and the time of both as a ratio. Returns 1 if any node differs. With --golden, writes the
compiler's output for our own scripts, which a unit test reads.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.script_facts import compiled_facts, model_facts  # noqa: E402

from wavegate.guardrails.model import AgentReading  # noqa: E402
from wavegate.guardrails.script.read import read_script_model  # noqa: E402

GOLDEN = ROOT / "tests" / "fixtures" / "guardrails" / "compiled"


def compiled(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The compiler's output for each script, in order."""
    node = shutil.which("node") or "node"
    program = str(Path(__file__).with_name("compile.mjs"))
    lines = "".join(f"{path}\n" for path in paths)
    done = subprocess.run([node, program], input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return map(json.loads, done.stdout.splitlines())


def differences(reading: AgentReading, output: dict[str, Any]) -> Iterator[str]:
    """What our emitted reading says otherwise, as lines."""
    ours, theirs = model_facts(reading.emitted), compiled_facts(output["nodes"])
    if ours.keys() != theirs.keys():
        yield f"topics: ours {sorted(ours)}, compiled {sorted(theirs)}"
    if reading.emitted.start != output["start"]:
        yield f"start: ours {reading.emitted.start}, compiled {output['start']}"
    for name in ours.keys() & theirs.keys():
        for aspect, value in ours[name].items():
            if value != theirs[name][aspect]:
                yield f"{name}, {aspect}:\n      ours     {value}\n      compiled {theirs[name][aspect]}"


def write_golden() -> int:
    """Write the compiler's output beside each of our own scripts."""
    for output in compiled(sorted(GOLDEN.glob("*.agent"))):
        kept = {key: output[key] for key in ("errors", "start", "nodes")}
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        Path(output["path"]).with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    return 0


def main(folders: list[Path]) -> int:
    """Compare over each folder, and print what was found."""
    counts: Counter[tuple[str, str]] = Counter()
    losses: Counter[str] = Counter()
    ours = theirs = 0.0
    for folder in folders:
        for output in compiled(sorted(folder.rglob("*.agent"))):
            text = Path(output["path"]).read_bytes().decode("utf-8", "replace")
            start = time.process_time()
            reading = read_script_model(text, output["path"])
            ours, theirs = ours + time.process_time() - start, theirs + output["seconds"]
            found = [] if output["errors"] else list(differences(reading, output))
            unknown = reading.emitted.unknown
            counts[folder.name, "read"] += 1
            counts[folder.name, "with something not understood"] += bool(unknown)
            losses.update(loss.rule for loss in reading.losses)
            if output["errors"]:
                continue
            counts[folder.name, "compile without an error"] += 1
            counts[folder.name, "of these, with something not understood"] += bool(unknown)
            counts[folder.name, "of these, agree"] += not found
            counts[folder.name, "of these, differ with nothing said"] += bool(found and not unknown)
            for line in found:
                print(f"  {output['path']}\n    {line}")
            for each in unknown:
                print(f"  {each.location.file}:{each.location.line}: not understood: {each.text[:100]}")
    for (name, what), count in sorted(counts.items()):
        print(f"{name}: {count} {what}")
    for rule, count in sorted(losses.items()):
        print(f"{rule}: {count}")
    print(f"time: ours {ours:.2f} s, compiler {theirs:.2f} s, ratio {ours / theirs if theirs else 0:.2f}")
    same = (counts[each.name, "of these, agree"] == counts[each.name, "compile without an error"] for each in folders)
    return 0 if all(same) else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--golden"]:
        sys.exit(write_golden())
    sys.exit(main([Path(each) for each in sys.argv[1:]] or [Path(os.environ["WAVEGATE_AGENT_CORPUS"])]))
