"""What the tests of packs are about: from their definitions, their test specs and the packs' policies."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from wavegate.census.test_spec import may_be_spec
from wavegate.census.values import DEFINITION_TYPES, NamedDefinition, definition_of
from wavegate.components.component import ComponentId, Project
from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError
from wavegate.files.document import Node
from wavegate.files.source import Source
from wavegate.files.yaml_reader import read_yaml
from wavegate.guardrails.mutate.reach import TestAim
from wavegate.release.pack import Pack, PackTest

MAX_SPECS = 500
"""Test specs that are read."""
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SUFFIX = "-testspec"


def read_aims(packs: Sequence[Pack], project: Project, source: Source) -> tuple[TestAim, ...]:
    """The aim of each test of the packs. One whose definition is missing or unreadable may be about anything."""
    specs = _specs(packs, source)
    return tuple(
        _of_policies(
            pack, test, _merged((pack.suite, test.name), _declared(definition_of(test), project, source, specs))
        )
        for pack in packs
        for test in pack.tests
    )


def _merged(key: tuple[str, str], aims: Iterable[TestAim]) -> TestAim:
    found = TestAim(key=key)
    for each in aims:
        found = replace(
            found,
            topics=found.topics | each.topics,
            actions=found.actions | each.actions,
            utterances=(*found.utterances, *each.utterances),
            agent=found.agent or each.agent,
        )
    return found


def _of_policies(pack: Pack, test: PackTest, aim: TestAim) -> TestAim:
    policies = [each for each in pack.policies if each.name in test.policies]
    named = {action for each in policies for action in (*each.required_actions, *each.forbidden_actions)}
    return replace(aim, actions=aim.actions | named)


def _declared(
    definition: NamedDefinition, project: Project, source: Source, specs: Sequence[tuple[frozenset[str], TestAim]]
) -> Iterator[TestAim]:
    for type_ in (definition.type,) if definition.type else DEFINITION_TYPES:
        component = project.find(ComponentId(type=type_, name=definition.name))
        for path in component.paths if component else ():
            yield from _of_definition(source.read([path]).get(path), path)
    yield from (aim for names, aim in specs if definition.name.casefold() in names)


def _of_definition(data: bytes | None, path: str) -> Iterator[TestAim]:
    try:
        root = parse_xml(data or b"", path=path)
    except InputError:
        return  # the census reports it
    cases = list(root.all("testCase"))
    expected = [each for case in cases for tag in ("expectation", "scorer") for each in case.all(tag)]
    yield TestAim(
        key=("", ""),
        topics=frozenset(_values(expected, "topic")),
        actions=frozenset(_values(expected, "action")),
        utterances=tuple(each.value("utterance") for case in cases for each in case.all("inputs")),
        agent=root.value("subjectName"),
    )


def _values(expected: Iterable[Element], kind: str) -> Iterator[str]:
    """The names in the expected values of one kind, such as `topic_sequence_match`."""
    for each in expected:
        if each.value("name").lower().startswith(kind):
            yield from _NAME.findall(each.value("expectedValue"))


def _specs(packs: Sequence[Pack], source: Source) -> Sequence[tuple[frozenset[str], TestAim]]:
    """The test specs by the names that their definitions may have, case-folded."""
    names = frozenset(definition_of(test).name.casefold() for pack in packs for test in pack.tests)
    paths = [path for path in source.paths() if may_be_spec(path, names)][:MAX_SPECS]
    return [found for path, data in source.read(paths).items() for found in _of_spec(data, path)]


def _of_spec(data: bytes, path: str) -> Iterator[tuple[frozenset[str], TestAim]]:
    document = read_yaml(data, path=path)
    root = document.root.value if document.root and not document.has_errors else None
    if not isinstance(root, dict) or not {"testCases", "subjectName"} <= root.keys():
        return
    cases = root["testCases"].node
    stem = path.rpartition("/")[2].rpartition(".")[0].casefold().removesuffix(_SUFFIX)
    own = _text(root["name"].node).replace(" ", "_").casefold() if "name" in root else stem
    aim = TestAim(
        key=("", ""),
        topics=frozenset(_all(cases, "expectedTopic")),
        actions=frozenset(_all(cases, "expectedActions")),
        utterances=(*_all(cases, "utterance"), *_inputs(cases)),
        agent=_text(root["subjectName"].node),
    )
    yield frozenset({stem, own}), aim


def _all(cases: Node, key: str) -> Iterator[str]:
    """The texts under a key of each case."""
    for case in cases.value if isinstance(cases.value, list) else ():
        if isinstance(case.value, dict) and key in case.value:
            yield from _texts(case.value[key].node)


def _inputs(cases: Node) -> Iterator[str]:
    for case in cases.value if isinstance(cases.value, list) else ():
        if isinstance(case.value, dict) and "inputs" in case.value:
            yield from _all(case.value["inputs"].node, "utterance")


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node.value, list):
        for each in node.value:
            yield from _texts(each)
    elif text := _text(node):
        yield text


def _text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else ""
