"""Checks whether callers give the local workflows what they need: permissions, inputs and secrets."""

from collections.abc import Iterator, Mapping

from wavegate.files.document import Node
from wavegate.files.yaml_reader import read_yaml
from wavegate.setup.doctor.workflows import entries, value_at
from wavegate.setup.local.generated import FOLDER

_LOCAL = f"./{FOLDER}/"
_PARTS = (("with", "inputs", "input"), ("secrets", "secrets", "secret"))
"""Key of the calling job, key of the called workflow, and the word for one of them."""


def call_problems(workflows: Mapping[str, str]) -> Iterator[str]:
    """What GitHub would refuse of the calls between these workflows, one sentence each. workflows: by file name."""
    for name, text in sorted(workflows.items()):
        caller = _root(text, name)
        for job, fields in _mapping(value_at(caller, "jobs")).items():
            uses = _text(value_at(fields, "uses"))
            called = workflows.get(uses.removeprefix(_LOCAL)) if uses.startswith(_LOCAL) else None
            if called is not None:
                root = _root(called, uses)
                if root is None:
                    yield f"{name}: job `{job}` calls {uses}, which is empty or not valid YAML."
                    continue
                granted = value_at(fields, "permissions") or value_at(caller, "permissions")
                for problem in (*_grants(granted, root), *_passes(fields, root)):
                    yield f"{name}: job `{job}` {problem}"


def _grants(granted: Node | None, called: Node | None) -> Iterator[str]:
    if granted is None or not isinstance(granted.value, dict):
        return
    given = {scope: _text(access) for scope, access in _mapping(granted).items()}
    needed: dict[str, str] = {}
    for inner in _mapping(value_at(called, "jobs")).values():
        for scope, access in _mapping(value_at(inner, "permissions")).items():
            needed[scope] = "write" if "write" in (needed.get(scope), _text(access)) else _text(access)
    for name, required in needed.items():
        if given.get(name) not in (required, "write"):
            yield f"must grant `{name}: {required}`."


def _passes(job: Node, called: Node | None) -> Iterator[str]:
    for key, theirs, word in _PARTS:
        declared = _mapping(value_at(called, "on", "workflow_call", theirs))
        passed = _mapping(value_at(job, key))
        for name in sorted(passed.keys() - declared.keys()):
            yield f"passes the {word} `{name}`, which the called workflow does not have."
        for name, field in declared.items():
            required = value_at(field, "required")
            if required and required.value is True and name not in passed and _text(value_at(job, key)) != "inherit":
                yield f"must pass the {word} `{name}`."


def _root(text: str, path: str) -> Node | None:
    return read_yaml(text.encode("utf-8", "replace"), path=path).root


def _mapping(node: Node | None) -> dict[str, Node]:
    return {key: entry.node for key, entry in entries(node).items()}


def _text(node: Node | None) -> str:
    value: object = node.value if node else None
    return value if isinstance(value, str) else ""
