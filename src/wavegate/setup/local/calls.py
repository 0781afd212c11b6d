"""Checks whether callers give the local workflows what they need: permissions, inputs and secrets."""

from collections.abc import Iterator, Mapping

from wavegate.files.document import Node
from wavegate.files.yaml_reader import read_yaml
from wavegate.setup.local.generated import FOLDER

_LOCAL = f"./{FOLDER}/"
_PARTS = (("with", "inputs", "input"), ("secrets", "secrets", "secret"))
"""Key of the calling job, key of the called workflow, and the word for one of them."""


def call_problems(workflows: Mapping[str, str]) -> Iterator[str]:
    """What GitHub would refuse of the calls between these workflows, one sentence each. workflows: by file name."""
    for name, text in sorted(workflows.items()):
        caller = _root(text, name)
        for job, fields in _mapping(_at(caller, "jobs")).items():
            uses = _text(_at(fields, "uses"))
            called = workflows.get(uses.removeprefix(_LOCAL)) if uses.startswith(_LOCAL) else None
            if called is not None:
                root = _root(called, uses)
                if root is None:
                    yield f"{name}: job `{job}` calls {uses}, which is empty or not valid YAML."
                    continue
                granted = _at(fields, "permissions") or _at(caller, "permissions")
                for problem in (*_grants(granted, root), *_passes(fields, root)):
                    yield f"{name}: job `{job}` {problem}"


def _grants(granted: Node | None, called: Node | None) -> Iterator[str]:
    if granted is None or not isinstance(granted.value, dict):
        return
    given = {scope: _text(access) for scope, access in _mapping(granted).items()}
    needed: dict[str, str] = {}
    for inner in _mapping(_at(called, "jobs")).values():
        for scope, access in _mapping(_at(inner, "permissions")).items():
            needed[scope] = "write" if "write" in (needed.get(scope), _text(access)) else _text(access)
    for name, required in needed.items():
        if given.get(name) not in (required, "write"):
            yield f"must grant `{name}: {required}`."


def _passes(job: Node, called: Node | None) -> Iterator[str]:
    for key, theirs, word in _PARTS:
        declared = _mapping(_at(called, "on", "workflow_call", theirs))
        passed = _mapping(_at(job, key))
        for name in sorted(passed.keys() - declared.keys()):
            yield f"passes the {word} `{name}`, which the called workflow does not have."
        for name, field in declared.items():
            required = _at(field, "required")
            if required and required.value is True and name not in passed and _text(_at(job, key)) != "inherit":
                yield f"must pass the {word} `{name}`."


def _root(text: str, path: str) -> Node | None:
    return read_yaml(text.encode("utf-8", "replace"), path=path).root


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = _mapping(node).get(key)
    return node


def _mapping(node: Node | None) -> dict[str, Node]:
    value = node.value if node else None
    return {key: entry.node for key, entry in value.items()} if isinstance(value, dict) else {}


def _text(node: Node | None) -> str:
    value: object = node.value if node else None
    return value if isinstance(value, str) else ""
