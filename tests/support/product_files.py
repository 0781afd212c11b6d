"""The product's actions, workflows and templates, parsed."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]

ACTIONS = (ROOT / "action.yml", *sorted((ROOT / ".github" / "actions").glob("*/action.yml")))
WORKFLOWS = tuple(sorted((ROOT / ".github" / "workflows").glob("*.yml")))
TEMPLATES = tuple(sorted((ROOT / "workflows-templates").glob("*.yml")))


class Step(NamedTuple):
    """A step, and its place: the file and the position in it."""

    place: str
    fields: dict[str, Any]


def read(path: Path) -> dict[str, Any]:
    """A workflow or action. The key `on`, which YAML 1.1 reads as true, is restored."""
    document: dict[Any, Any] = yaml.safe_load(path.read_text())
    if True in document:
        document["on"] = document.pop(True)
    return document


def name(path: Path) -> str:
    """A file's name in messages."""
    return path.relative_to(ROOT).as_posix()


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow; none for an action."""
    found: dict[str, dict[str, Any]] = read(path).get("jobs", {})
    return found


def steps(path: Path) -> list[Step]:
    """Every step of a workflow or a composite action."""
    groups = {"runs": read(path)["runs"]} if path in ACTIONS else jobs(path)
    return [
        Step(f"{name(path)}: {group}[{index}]", step)
        for group, fields in groups.items()
        for index, step in enumerate(fields.get("steps", ()))
    ]
