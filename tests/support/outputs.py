"""The outputs that a step passed to the runner."""

from pathlib import Path


def read_outputs(path: Path) -> dict[str, str]:
    """The outputs in a runner's output file: `name<<delimiter`, lines, the delimiter alone on a line."""
    outputs: dict[str, str] = {}
    lines = iter(path.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        if not line:
            continue
        name, delimiter = line.split("<<", 1)
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs
