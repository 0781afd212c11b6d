"""The failures that have a test already, as their test specs say. There is no other memory."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wavegate.capture.likeness import Shingles, are_alike, shingles
from wavegate.census.test_spec import FOLDER
from wavegate.files.document import Document, Node
from wavegate.files.source import Source
from wavegate.files.yaml_reader import read_yaml

MARK = "wavegate-capture:"
"""Precedes a violation's key in the description of a spec, which the org's definition keeps as well."""
MAX_SPECS = 5_000
_KEY = re.compile(re.escape(MARK) + r" ?([0-9a-f]{16})\b")
_BATCH = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedBefore:
    """A captured test. words: of what its user says. place: the path of its spec, and the pull request with it."""

    key: str
    words: Shingles
    place: str


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


def known_as(key: str, words: Shingles, before: Iterable[CapturedBefore]) -> CapturedBefore | None:
    """The test that shows the same violation in nearly the same words."""
    return next((each for each in before if each.key == key and are_alike(words, each.words)), None)


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
