"""A pack gets more tests, and nothing else of its file changes."""

from typing import Any

import pytest

from wavegate.capture.naming import named_policies
from wavegate.capture.pack_edit import edit_pack, new_pack
from wavegate.capture.values import CapturedTest
from wavegate.conversations.values import Conversation
from wavegate.errors import InputError
from wavegate.evidence.transcript import Transcript
from wavegate.findings.finding import Location
from wavegate.release.pack import Pack, Policy, TestKind, ViolationSeverity
from wavegate.release.reading import parse_pack

NEW = Policy(name="never-pay", forbidden_actions=("Pay",), must_not_match=('it\'s "done": #1 \\d+ {x} é',))
JSON = """{
  "suite": "s",
  "tests": [
    "a"%s
  ],
  "policies": {"old": {"mustMatch": ["x"]}%s},
  "passCriteria": {"minimumSuccessRate": 1}
}
"""
BLOCK = """\
# the pack
suite: s   # its name
tests:
  - a   # the first

  - {name: b, policies: [old]}   # the second
passCriteria:
  minimumSuccessRate: 0.9
policies:
  old:   # stays
    mustMatch:
      - x
# the end
"""
FLAT = "suite: s\ntests: [a, {name: b}]\npassCriteria: {minimumSuccessRate: 1}\n"
COMPACT = '{"suite": "s", "tests": ["a"], "passCriteria": {"minimumSuccessRate": 1}}'
INDENTLESS = "suite: s\ntests:\n- a\npassCriteria: {minimumSuccessRate: 1}\n"


def made(*policies: Policy, name: str = "desk-never-pay-00000000") -> CapturedTest:
    return CapturedTest(
        name=name,
        definition="Captured_Desk_00000000",
        key="0" * 16,
        agent="Desk",
        topic="",
        kind=TestKind.ACTION_SAFETY,
        severity=ViolationSeverity.HIGH,
        policies=policies or (NEW,),
        conversation=Conversation(id="", turns=(), place=Location("x")),
        recorded=Transcript(test=name),
        breaches=("x",),
    )


def pack_of(text: str, path: str) -> Pack:
    pack, findings = parse_pack(text.encode(), path=path)
    assert pack, findings
    return pack


def edited(text: str, path: str, *tests: CapturedTest) -> str:
    return edit_pack(text.encode(), pack=pack_of(text, path), tests=tests or (made(),)).decode()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (JSON % ("", ""), "packs/p.json"),
        ((JSON % ("", "")).replace("\n", "\r\n"), "packs/p.json"),
        (COMPACT, "packs/p.json"),
        (COMPACT, "packs/p.yml"),
        (BLOCK, "packs/p.yml"),
        (BLOCK.replace("\n", "\r\n"), "packs/p.yaml"),
        (BLOCK.rstrip("\n").removesuffix("# the end").rstrip("\n"), "packs/p.yml"),
        (FLAT, "packs/p.yml"),
        (FLAT.rstrip("\n"), "packs/p.yml"),
        (INDENTLESS, "packs/p.yml"),
        (FLAT + "policies: {}\n", "packs/p.yml"),
    ],
)
def test_tests_and_policies_are_added_and_every_other_byte_stays(text: str, path: str) -> None:
    result = edited(text, path)
    before, after = pack_of(text, path), pack_of(result, path)
    assert after.tests[:-1] == before.tests
    assert (after.tests[-1].name, after.tests[-1].policies) == ("desk-never-pay-00000000", ("never-pay",))
    assert after.policies == (*before.policies, NEW)
    assert (after.criteria, after.suite) == (before.criteria, before.suite)
    rest = iter(result)
    assert all(character in rest for character in text)
    assert ("\r\n" in result) is ("\r\n" in text)
    assert result.count("\r") == result.count("\r\n")


def test_json_keeps_its_layout() -> None:
    entry = (
        '{"name": "desk-never-pay-00000000", "kind": "action-safety", "severity": "high", "definition": '
        '"Captured_Desk_00000000", "policies": ["old"]}'
    )
    same = Policy(name="old", must_match=("x",))
    assert edited(JSON % ("", ""), "p.json", made(same)) == JSON % (f",\n    {entry}", "")


def test_comments_and_blank_lines_of_yaml_stay() -> None:
    lines = edited(BLOCK, "p.yml").splitlines()
    for each in BLOCK.splitlines():
        assert each in lines


@pytest.mark.parametrize(
    "text",
    [
        "suite: s\ntests: &t [a]\npolicies: {old: {mustMatch: *t}}\npassCriteria: {minimumSuccessRate: 1}\n",
        "suite: s\ntests:\n  -\n    a\npassCriteria: {minimumSuccessRate: 1}\n",
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InputError) as refused:
        edited(text, "packs/p.yml")
    assert "cannot be added" in refused.value.message
    assert (refused.value.file, refused.value.line) == ("packs/p.yml", 2) or refused.value.line == 4


@pytest.mark.parametrize("path", ["packs/p.json", "packs/p.yml"])
def test_a_new_pack_is_valid_and_can_be_edited_itself(path: str) -> None:
    text = new_pack(path, [made()]).decode()
    pack = pack_of(text, path)
    assert (pack.suite, pack.policies, pack.criteria.minimum_success_rate) == ("p", (NEW,), 1)
    other = pack_of(edited(text, path, made(name="other-00000001")), path)
    assert [each.name for each in other.tests] == ["desk-never-pay-00000000", "other-00000001"]


def test_a_policy_is_used_again_and_a_name_is_never_taken_over() -> None:
    taken = (Policy(name="never-pay", forbidden_actions=("Other",)), Policy(name="same", forbidden_actions=("Pay",)))
    same, other = named_policies(
        [Policy(name="", forbidden_actions=("Pay",)), Policy(name="never-pay", must_match=("x",))], taken
    )
    assert same is taken[1]
    assert other.name.startswith("never-pay-")


def test_checks_are_those_that_the_policies_expect() -> None:
    expected = Policy(name="p", topics=("T",), required_actions=("A",))
    values: Any = pack_of(new_pack("packs/p.json", [made(expected)]).decode(), "packs/p.json")
    assert values.tests[0].checks == ("topic", "actions")
