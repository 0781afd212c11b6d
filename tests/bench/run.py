"""All benchmarks, as one table: `python3 tests/run.py bench`, or `python tests/bench/run.py [NAME …]`.

Each `bench_*.py` prints lines `name | ours | peer | ratio | budget`, both sides measured in the same run.
Nothing is asserted: on a busy machine times are what they are.
"""

import subprocess
import sys
from pathlib import Path

HEAD = ("What", "wavegate", "Against", "Ratio", "Budget")


def main(names: list[str]) -> int:
    """Run the benchmarks with these names (`start`, `gate`, …; all by default); 1 when one could not be run."""
    rows: list[tuple[str, ...]] = [HEAD]
    failed = []
    for script in sorted(Path(__file__).parent.glob("bench_*.py")):
        if names and script.stem.removeprefix("bench_") not in names:
            continue
        print(f"{script.stem} …", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=False)
        rows += [
            row
            for line in done.stdout.splitlines()
            if len(row := tuple(map(str.strip, line.split("|")))) == len(HEAD)
        ]
        if done.returncode:
            failed.append(script.stem)
    print(table(rows))
    if failed:
        print(f"Could not be run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or len(rows) == 1 else 0


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows as a Markdown table whose columns line up; the first one is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
