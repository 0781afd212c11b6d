"""Reads the cases of test specs: the YAML files from which `sf agent test create` makes definitions.

Source: TestSpec and NgtTestSpec of npm @salesforce/agents 2.3.1. The latter makes a test case of every input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from wavegate.census.source import bad_version, no_cases, too_many_cases, unreadable, version_of
from wavegate.census.values import EVALUATION, MAX_CASES, TESTING, ExpectedCases
from wavegate.files.document import Document, MappingEntry, Node
from wavegate.files.yaml_reader import read_yaml
from wavegate.findings.finding import Finding
from wavegate.text import clip, visible

FOLDER = "specs"
"""Where `sf agent generate test-spec` writes specs, in a project's folder."""
_ENDINGS = (".yaml", ".yml")
_SUFFIX = "-testspec"
_KEYS = {"testCases", "subjectName"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TestSpec:
    """A test spec. names: what its definition may be named, case-folded. type: the definition's metadata type.

    cases: a finding, if they are unknown.
    """

    __test__ = False

    names: frozenset[str]
    type: str
    cases: ExpectedCases | Finding


def may_be_spec(path: str, definitions: frozenset[str]) -> bool:
    """Whether a path is that of a spec, by its folder or its name. definitions: those of the tests, case-folded."""
    parts = PurePosixPath(path).parts
    if not path.lower().endswith(_ENDINGS) or any(part.startswith(".") for part in parts):
        return False
    return FOLDER in parts[:-1] or _is_suffixed(path) or _stem(path) in definitions


def read_spec(data: bytes | None, *, path: str) -> TestSpec | None:
    """The spec in a file; None if the file holds something else. Never raises.

    A spec that cannot be read counts for the definition that its file is named after.
    """
    # cheaper than reading what else is kept in folders of that name, such as large API descriptions
    if data is None or not all(key.encode() in data for key in _KEYS):
        return None
    document = read_yaml(data, path=visible(path))
    if document.root is None or document.has_errors:
        first = document.findings[0]
        cases = unreadable(document.path, first.message, first.fix, first.location.line, first.location.column)
        return TestSpec(names=frozenset({_stem(path)}), type="", cases=cases)
    root = document.root.value
    if not isinstance(root, dict) or not root.keys() >= _KEYS:
        return None
    name = _text(root["name"].node) if "name" in root else ""
    entries = root["testCases"].node.value
    inputs = [_inputs(entry) for entry in entries] if isinstance(entries, list) else []
    return TestSpec(
        names=frozenset({_stem(path), *([name.replace(" ", "_").casefold()] if name else [])}),
        type=TESTING if any(each is not None for each in inputs) else EVALUATION,
        cases=_expected(document, root, sum(1 if each is None else each for each in inputs)),
    )


def _expected(document: Document, root: Mapping[str, MappingEntry], count: int) -> ExpectedCases | Finding:
    cases = document.locate("testCases", key=True)
    version = _text(root["subjectVersion"].node) if "subjectVersion" in root else ""
    if not count:
        return no_cases(cases, _text(root["name"].node) if "name" in root else document.path)
    if count > MAX_CASES:
        return too_many_cases(cases)
    if version and version_of(version) is None:
        return bad_version(document.locate("subjectVersion"), clip(visible(version), 60))
    return ExpectedCases(
        count=count,
        names=tuple(str(number) for number in range(1, count + 1)),
        source=document.path,
        subject=_text(root["subjectName"].node),
        subject_version=version_of(version),
        digest=document.digest,
    )


def _inputs(entry: Node) -> int | None:
    """The number of inputs of a test case for Agentforce Studio; None for Testing Center, which has one."""
    value = entry.value
    inputs = value["inputs"].node.value if isinstance(value, dict) and "inputs" in value else None
    return len(inputs) if isinstance(inputs, list) else None


def _text(node: Node) -> str:
    if isinstance(node.value, str):
        return node.value
    return "" if isinstance(node.value, (list, dict)) else node.written


def _stem(path: str) -> str:
    return PurePosixPath(path).stem.casefold().removesuffix(_SUFFIX)


def _is_suffixed(path: str) -> bool:
    return PurePosixPath(path).stem.casefold().endswith(_SUFFIX)
