"""Write the README's tables of inputs and outputs from the action files: `python3 tests/reference.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.product_files import ACTIONS, ROOT, read

README = ROOT / "README.md"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->"


def filled(readme: str) -> str:
    """The README with its reference made anew."""
    before, rest = readme.split(BEGIN)
    return before + BEGIN + reference() + END + rest.split(END)[1]


def reference() -> str:
    """One folded table an action."""
    return "".join(_action(path) for path in ACTIONS if path.parent.name != "validate")


def _action(path: Path) -> str:
    action = read(path)
    folder = path.parent.relative_to(ROOT).as_posix()
    use = "wavegate/wavegate" if folder == "." else f"wavegate/wavegate/{folder}"
    rows = [
        f"| `{name}` | {field['description']} | {_default(field)} |"
        for name, field in action.get("inputs", {}).items()
    ]
    outputs = [f"| `{name}` | {field['description']} |" for name, field in action.get("outputs", {}).items()]
    tables = ["| Input | | Default |", "|---|---|---|", *rows]
    if outputs:
        tables += ["", "| Output | |", "|---|---|", *outputs]
    summary = f"<summary><code>{use}</code>: {action['description']}</summary>"
    return "\n".join(["<details>", summary, "", *tables, "", "</details>", ""])


def _default(field: dict[str, str]) -> str:
    if field.get("required"):
        return "required"
    return f"`{field['default']}`" if field.get("default") else ""


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
