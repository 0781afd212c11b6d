"""Writes the tables of docs/reference/result-files.md from the readers' words and the golden files.

    python tests/producers/table.py

Every element, attribute and status of JUnit XML that a golden file contains must have a meaning here.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from wavegate.evidence.junit_words import (
    CASE_ATTRIBUTES,
    COUNTS,
    HARMLESS,
    INSIDE,
    OUTCOMES,
    SCHEMA,
    STATUSES,
    SUITE_ATTRIBUTES,
    SUITES,
    UNASSERTED,
)

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "reference" / "result-files.md"
GOLDEN = HERE.parent / "fixtures" / "results" / "golden"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->"

INSTALLED = {"go": "1.19.8", "gotestsum": "1.8.2", "node": "24.19.0", "phpunit": "9.6.7"}
"""Versions of the producers that no file in samples/ pins."""
PRODUCERS: Mapping[str, tuple[str, ...]] = {
    "behave": ("behave",),
    "gotestsum": ("gotestsum", "go"),
    "jest": ("jest", "jest-junit"),
    "mocha": ("mocha", "mocha-junit-reporter"),
    "node": ("node",),
    "phpunit": ("phpunit",),
    "playwright": ("@playwright/test",),
    "promptfoo": ("promptfoo",),
    "pytest": ("pytest", "pytest-rerunfailures"),
    "robot": ("robotframework",),
    "surefire": ("maven-surefire-plugin", "junit-jupiter"),
    "unittest": ("unittest-xml-reporting",),
    "vitest": ("vitest",),
}
"""The first part of a golden file's name, to what wrote it."""

Words = dict[tuple[str, str], set[str]]
"""Place and word, to the producers that write it. Places: `in a suite`, `of a testcase`, …"""

_NOT_READ = "not read"
_COUNTED = {
    "tests": "must be the number of testcases shown",
    "failed": "at most the failures and errors shown, otherwise incomplete",
    "skipped": "at most the skipped testcases shown, otherwise incomplete",
}


def meaning(place: str, word: str) -> str:
    """What a word means here. KeyError if it is unknown, and so never a pass."""
    return _MEANINGS[place](word)


def _in_suite(word: str) -> str:
    if word in SUITES:
        return "groups testcases"
    if word == "testcase":
        return "one observation: pass, unless something below says otherwise"
    return "incomplete: it may have kept tests from running" if word in OUTCOMES else _harmless(word)


def _in_case(word: str) -> str:
    return str(OUTCOMES[word]) if word in OUTCOMES else _harmless(word)


def _harmless(word: str) -> str:
    if word not in HARMLESS:
        raise KeyError(word)
    return _NOT_READ


def _of_suite(word: str) -> str:
    if word in COUNTS:
        return _COUNTED[COUNTS[word]]
    if word not in SUITE_ATTRIBUTES:
        raise KeyError(word)
    return _OF_SUITE.get(word, _NOT_READ)


def _of_case(word: str) -> str:
    name, _, value = word.partition("=")
    if name in STATUSES:
        return "pass" if value.lower() in STATUSES[name] else "error"
    if name == "failure":
        return "error; only on a testcase that also has the element"
    if value in UNASSERTED.get(name, ()) and value:
        return "error"
    if name not in CASE_ATTRIBUTES:
        raise KeyError(word)
    return _OF_CASE.get(word, _NOT_READ)


def _deeper(word: str) -> str:
    parent, child = word.split("/")
    if parent not in OUTCOMES and child not in INSIDE[parent]:
        raise KeyError(word)
    return _NOT_READ


_OF_SUITE = {
    "name": "precedes the names of its cases if another suite has cases of these names",
    "hostname": "tells suites of one name apart",
    "file": "of its cases that name none",
    "timestamp": "the time of its observations; without a zone, the earliest that it may mean",
}
_OF_CASE = {
    "name": "the case's name",
    "classname": "precedes the case's name",
    "file": "tells cases of one name apart",
    "time": "the latency, in seconds",
    "timestamp": "the time of the observation, instead of its suite's",
}
_MEANINGS = {
    "in a suite": _in_suite,
    "in a testcase": _in_case,
    "of a suite": _of_suite,
    "of a testcase": _of_case,
    "deeper": _deeper,
}


def words() -> Words:
    """Every word of the golden files, and every word that the readers know."""
    found: Words = defaultdict(set)
    for file in GOLDEN.glob("*.xml"):
        for place, word in _words_of(ElementTree.parse(file).getroot()):
            found[place, word].add(file.stem.split("-")[0])
    for place, word in _known():
        found[place, word] |= set()
    return found


def _words_of(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    kinds = dict.fromkeys(SUITES, "suite") | {"testcase": "testcase"}
    for element in root.iter():
        kind = kinds.get(element.tag)
        for child in element:
            yield (f"in a {kind}", child.tag) if kind else ("deeper", f"{element.tag}/{child.tag}")
        for name, value in element.attrib.items():
            if kind and name.removeprefix("{") not in SCHEMA:
                states = kind == "testcase" and (name in STATUSES or value in UNASSERTED.get(name, ()))
                yield f"of a {kind}", f"{name}={value}" if states else name


def _known() -> Iterator[tuple[str, str]]:
    yield from ((place, word) for place in ("in a suite", "in a testcase") for word in (*OUTCOMES, *HARMLESS))
    yield from (("deeper", f"{parent}/{child}") for parent, children in INSIDE.items() for child in children)
    yield from (("of a suite", word) for word in (*SUITE_ATTRIBUTES, *COUNTS))
    yield from (("of a testcase", word) for word in CASE_ATTRIBUTES)
    yield from (
        ("of a testcase", f"{name}={value}") for name, values in STATUSES.items() for value in values if value
    )


def versions() -> dict[str, str]:
    """Version of each producer, by name of its package."""
    samples = HERE / "samples"
    pinned: dict[str, str] = json.loads((samples / "package.json").read_text("utf-8"))["devDependencies"]
    pinned |= re.findall(r"(?m)^(\S+)==(\S+)$", (samples / "requirements.txt").read_text("utf-8"))
    pom = (samples / "surefire" / "pom.xml").read_text("utf-8")
    return INSTALLED | pinned | dict(re.findall(r"<artifactId>(\S+)</artifactId>\s*<version>(\S+)</version>", pom))


def tables() -> str:
    """The tables, as Markdown."""
    known, files = versions(), sorted(path.stem for path in GOLDEN.iterdir())
    rows = []
    for producer, packages in PRODUCERS.items():
        made = ", ".join(f"`{stem}`" for stem in files if stem.split("-")[0] == producer)
        rows.append(f"| {' with '.join(f'{name} {known[name]}' for name in packages)} | {made} |")
    lines = ["| Producer | Golden files |", "|---|---|", *rows]
    found = words()
    for place in _MEANINGS:
        lines += ["", f"| {_TITLES[place]} | Here | Written by |", "|---|---|---|"]
        for _, word in sorted(key for key in found if key[0] == place):
            producers = ", ".join(sorted(found[place, word]))
            lines.append(f"| `{word}` | {meaning(place, word)} | {producers} |")
    return "\n".join([*lines, ""])


_TITLES = {
    "in a suite": "Element in a `testsuites` or `testsuite`",
    "in a testcase": "Element in a `testcase`",
    "of a suite": "Attribute of a `testsuites` or `testsuite`",
    "of a testcase": "Attribute of a `testcase`",
    "deeper": "Element in another one",
}


def filled(document: str) -> str:
    """The document with its tables made anew."""
    before, rest = document.split(BEGIN)
    return before + BEGIN + tables() + END + rest.split(END)[1]


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")
