"""The failures that have a test already, as their test specs say. There is no other memory."""

import re
from collections.abc import Iterator

from wavegate.capture.likeness import shingles
from wavegate.capture.values import MARK, CapturedBefore
from wavegate.census.test_spec import FOLDER
from wavegate.files.document import Document, Node
from wavegate.files.source import Source
from wavegate.files.yaml_reader import read_yaml

MAX_SPECS = 5_000
_KEY = re.compile(re.escape(MARK) + r" ?([0-9a-f]{16})\b")
_BATCH = 50


def captured_before(source: Source, *, where: str = "") -> tuple[CapturedBefore, ...]:
    """The captured tests of a checkout or commit. where: a suffix of their places, such as ` in #12`."""
    paths = [each for each in source.paths() if f"/{FOLDER}/" in f"/{each}" and each.endswith((".yaml", ".yml"))]
    found: list[CapturedBefore] = []
    for start in range(0, min(len(paths), MAX_SPECS), _BATCH):
        files = source.read(paths[start : start + _BATCH])
        found += [
            each
            for path in sorted(files)
            if (data := files[path]) and MARK.encode() in data
            for each in _of_spec(read_yaml(data, path=path), where)
        ]
    return tuple(found)


def _of_spec(document: Document, where: str) -> Iterator[CapturedBefore]:
    root = document.root.value if document.root and not document.has_errors else None
    if not isinstance(root, dict) or "description" not in root or "testCases" not in root:
        return
    key = _KEY.search(_text(root["description"].node))
    cases = root["testCases"].node.value
    for case in cases if key and isinstance(cases, list) else ():
        if key:
            yield CapturedBefore(key=key[1], words=shingles(_said(case)), place=document.path + where)


def _said(case: Node) -> Iterator[str]:
    """What the user says: in the history, then in the test itself."""
    value = case.value
    if not isinstance(value, dict):
        return
    history = value["conversationHistory"].node.value if "conversationHistory" in value else []
    for turn in history if isinstance(history, list) else []:
        entry = turn.value
        if isinstance(entry, dict) and entry.keys() >= {"role", "message"} and _text(entry["role"].node) == "user":
            yield _text(entry["message"].node)
    if "utterance" in value:
        yield _text(value["utterance"].node)


def _text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else node.written
