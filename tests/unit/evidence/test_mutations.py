"""A passing result file is no longer a pass once anything in it says that a test did not pass."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.places import FIXTURES
from tests.unit.evidence.test_junit import EXPECTED, GOLDEN

from wavegate.evidence.files import EvidenceReader
from wavegate.evidence.folders import EvidenceFile
from wavegate.evidence.junit_words import COUNTS, OUTCOMES
from wavegate.evidence.observation import Observation, Outcome

TEST = ("smoke", "alpha")
CHANGES = 20
"""Mutants of each golden file."""
SAMPLES = {
    "testing-center": FIXTURES / "results" / "testing-center" / "passed.json",
    "studio": FIXTURES / "results" / "agentforce-studio" / "passed.json",
    "promptfoo": GOLDEN / "promptfoo-good.json",
}
PASSING = sorted(name for name, outcomes in EXPECTED.items() if set(outcomes.split()) == {"pass"})

Mutate = Callable[[str, Random], str]

ELEMENTS = (
    *OUTCOMES, "Failure", "FAILURE", "failed", "fail", "errors", "failures", "timeout", "aborted", "broken", "crash",
    "disabled", "ignored", "todo", "pending", "notrun", "unknown", "inconclusive", "rerun", "flaky", "x:failure",
    "details", "result", "status", "stackTrace", "property", "testcase", "testsuite",
)  # fmt: skip
STATED = (
    "failed",
    "FAIL",
    "failure",
    "error",
    "skipped",
    "notrun",
    "todo",
    "unknown",
    "false",
    "0",
    "1",
    "pass fail",
)


def seeded(*seed: str) -> Random:
    """The same choices each time."""
    return Random(" ".join(seed))  # noqa: S311 - nothing here is secret


def passes(file: Path, data: bytes) -> bool:
    file.write_bytes(data)
    found = list(EvidenceReader({}).results(EvidenceFile(path=file, name=file.name, test=TEST), None))
    return bool(found) and all(isinstance(each, Observation) and each.outcome is Outcome.PASS for each in found)


def in_a_testcase(xml: str, chance: Random) -> str:
    """An element in a testcase, at times in another one, or text."""
    name = chance.choice(ELEMENTS)
    element = f"<{name}/>" if ":" not in name else f'<{name} xmlns:x="urn:x"/>'
    around = chance.choice(("{}", "{}", "<details>{}</details>", "<system-out>{}</system-out>", "FAILED{}"))
    if name == "property":
        around = "{}"
    return _in_one(xml, around.format(element), chance)


def _in_one(xml: str, content: str, chance: Random) -> str:
    """The document with that content in one of its testcases."""
    start = chance.choice(list(re.finditer(r"<testcase\b[^>]*?(/?)>", xml)))
    opened = start[0] if not start[1] else start[0][:-2] + ">"
    closing = "</testcase>" if start[1] else ""
    return xml[: start.start()] + opened + content + closing + xml[start.end() :]


def stated_of_a_testcase(xml: str, chance: Random) -> str:
    """An attribute of a testcase that states that it did not pass, or one that is unknown."""
    name = chance.choice(("status", "result", "success", "outcome", "failed", "failures", "error", "skipped", "x"))
    value = chance.choice([value for value in STATED if (name, value) != ("success", "1")])
    return _with_attribute(xml, "testcase", name, value, chance)


def stated_of_a_suite(xml: str, chance: Random) -> str:
    """A count that nothing in the suite shows, or an unknown attribute."""
    counts = [name for name in COUNTS if name != "tests"]
    name, value = chance.choice(
        ((chance.choice(counts), chance.choice(("1", "-1", "1.0", " 1 ", "many", ""))), ("status", "failed"))
    )
    return _with_attribute(xml, "testsuite", name, value, chance)


def _with_attribute(xml: str, element: str, name: str, value: str, chance: Random) -> str:
    tag = chance.choice(list(re.finditer(rf"<{element}\b[^>]*", xml)))
    rest = re.sub(rf'\s{name}="[^"]*"', "", tag[0]).removeprefix(f"<{element}")
    return xml[: tag.start()] + f'<{element} {name}="{value}"' + rest + xml[tag.end() :]


def in_a_suite(xml: str, chance: Random) -> str:
    """An element or text in a suite, before a testcase."""
    start = chance.choice(list(re.finditer(r"<testcase\b", xml))).start()
    names = [name for name in ELEMENTS if name not in ("testcase", "testsuite", "x:failure")]
    content = chance.choice((f"<{chance.choice(names)}/>", "FAILED", f"<x><{chance.choice(names)}/></x>"))
    return xml[:start] + content + xml[start:]


def cut(xml: str, chance: Random) -> str:
    return xml[: chance.randrange(len(xml.rstrip()) - 1)]


def counted_in_a_comment(xml: str, chance: Random) -> str:
    word = chance.choice(("fail", "cancelled"))
    end = xml.rindex("</")
    return f"{xml[:end]}<!-- {word} {chance.randrange(1, 99)} -->{xml[end:]}"


@pytest.mark.parametrize("mutate", [in_a_testcase, stated_of_a_testcase, stated_of_a_suite, in_a_suite, cut])
@pytest.mark.parametrize("name", PASSING)
def test_a_junit_file_that_says_more_than_that_it_passed_is_not_a_pass(
    tmp_path: Path, name: str, mutate: Mutate
) -> None:
    chance, xml = seeded(name, mutate.__name__), (GOLDEN / f"{name}.xml").read_text("utf-8")
    file = tmp_path / "alpha.xml"
    assert passes(file, xml.encode())
    mutants = {mutate(xml, chance) for _ in range(CHANGES)}
    assert [mutant for mutant in mutants if passes(file, mutant.encode())] == []


def test_a_comment_that_counts_failures_is_not_a_pass(tmp_path: Path) -> None:
    chance, xml = seeded("comment"), (GOLDEN / "node-good.xml").read_text("utf-8")
    assert not any(passes(tmp_path / "a.xml", counted_in_a_comment(xml, chance).encode()) for _ in range(20))


STATES: dict[str, tuple[str, tuple[object, ...]]] = {
    "testing-center": (
        r"\.(status|result|errorMessage|errorCode|testCases|testResults)",
        ("FAILURE", "FAIL", "ERROR", "failed", "IN_PROGRESS", "TERMINATED", "PASS FAIL", False, 1, {}, ["x"]),
    ),
    "studio": (
        r"\.(status|testCases|testScorerResults)",
        ("FAILURE", "FAIL", "ERROR", "failed", "IN_PROGRESS", "", None, False, 1, {}, ["x"]),
    ),
    "promptfoo": (
        r"^\.results\.(stats\.(succ|fail|err)\w+|results\.\d+\.(success|error|failureReason|gradingResult(\.pass)?|response\.error))",
        ("failed", "ERROR", False, 2, -1, 0.5, {"error": "x"}, ["x"]),
    ),
}
"""The members that state how a run or a check ended, and what does not say that it passed."""
UNJUDGED = re.compile(r"testResults\.4|testScorerResults\.2")
"""The latency, which has no outcome."""


def members(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all members."""
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(member, dict | list):
            yield from members(member, (*path, key))


def replaced(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


@pytest.mark.parametrize("runner", STATES)
def test_a_state_that_is_not_that_of_a_pass_is_not_a_pass(tmp_path: Path, runner: str) -> None:
    document = json.loads(SAMPLES[runner].read_bytes())
    file = tmp_path / "alpha.json"
    assert passes(file, json.dumps(document).encode())
    pattern, values = STATES[runner]
    paths = [(path, "." + ".".join(map(str, path))) for path in members(document)]
    if runner == "promptfoo":
        paths += [(("results", "results", 0, "error"), ".results.results.0.error")]
        paths += [(("results", "results", 1, "response", "error"), ".results.results.1.response.error")]
    stating = [path for path, name in paths if re.search(pattern + "$", name) and not UNJUDGED.search(name)]
    assert len(stating) >= 3
    survivors = [
        (path, value)
        for path in stating
        for value in values
        if passes(file, json.dumps(replaced(document, path, value)).encode())
    ]
    assert survivors == []


@pytest.mark.parametrize("state", ["FAIL", "failure", "ERROR", "", "PASS FAIL", 1, True, [], {"status": "PASS"}])
def test_a_scorer_that_did_not_pass_is_not_a_pass(tmp_path: Path, state: object) -> None:
    document = json.loads(SAMPLES["studio"].read_bytes())
    scorer = document["testCases"][0]["testScorerResults"][0]
    scorer["scorerResponse"] = json.dumps(json.loads(scorer["scorerResponse"]) | {"status": state})
    assert not passes(tmp_path / "alpha.json", json.dumps(document).encode())


@pytest.mark.parametrize("runner", SAMPLES)
def test_a_second_value_for_a_key_is_not_a_pass(tmp_path: Path, runner: str) -> None:
    chance, text = seeded(runner), json.dumps(json.loads(SAMPLES[runner].read_bytes()))
    members_of_text = [
        match for match in re.finditer(r'"(\w+)": (?=[^"]|"[^"\\]*")', text) if text[match.start() - 1] in "{ "
    ]
    file = tmp_path / "alpha.json"
    for member in chance.sample(members_of_text, min(30, len(members_of_text))):
        key, start = member[1], member.start()
        space = chance.choice(("", " ", "\t", "\n"))
        second = chance.choice((key, f"\\u{ord(key[0]):04x}{key[1:]}"))
        mutant = f'{text[:start]}"{second}"{space}: "FAIL", {text[start:]}'
        assert not passes(file, mutant.encode()), (key, second)


@pytest.mark.parametrize("runner", SAMPLES)
def test_a_json_file_that_was_cut_short_is_not_a_pass(tmp_path: Path, runner: str) -> None:
    chance, data = seeded(runner), SAMPLES[runner].read_bytes().rstrip()
    ends = [chance.randrange(len(data)) for _ in range(CHANGES)]
    assert [end for end in ends if passes(tmp_path / "alpha.json", data[:end])] == []
