"""docs/reference/rules.md has a section for every rule that the code can report, and for no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.reference import RULES, with_examples
from tests.support.pages import anchors
from tests.support.places import EXAMPLES, ROOT

from wavegate.findings.as_sarif import help_address
from wavegate.promotion.values import RefusalRule

TEXT = RULES.read_text("utf-8")
SECTIONS = re.findall(r"(?m)^### `(\S+)`$", TEXT)
RULE = re.compile(r"[a-z][a-z-]*/[a-z0-9-]*[a-z0-9]")
OTHERS = {
    *("application/json", "application/x-www-form-urlencoded", "wavegate/wavegate", "actions/checkout"),
    *("info/attributes", "info/exclude", "settings/actions", "settings/branches"),
    *("settings/environments", "settings/rules"),
    "agentforce/transcripts",
}
"""What looks like a rule."""
BUILT = {
    *(f"workflow/{part}" for part in ("check", "promote", "rollback", "disable")),
    *(f"{key}/unknown-pack" for key in ("gate", "verify")),
    *(f"rehearsal/{hazard}" for hazard in ("published-prompt", "locked-bundle")),
}
"""Rules whose name the code puts together."""


def rules_of(path: Path) -> Iterator[str]:
    """The rules that a module names: as `family/rule`, as what a reader of results finds, as a reason's code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and RULE.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.Call):
            yield from _named(node, path)
        elif isinstance(node, ast.AnnAssign | ast.Assign) and path.name == "reasons.py":
            yield from _rejections(node)


def _named(call: ast.Call, path: Path) -> Iterator[str]:
    texts = [each.value for each in call.args[:1] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "finding" and path.parent.name == "evidence":
        yield from (f"evidence/{text}" for text in texts)
    if isinstance(call.func, ast.Name) and call.func.id == "Reason":
        codes = (each.value for each in call.keywords if each.arg == "code")
        yield from (code.value for code in codes if isinstance(code, ast.Constant) and isinstance(code.value, str))


def _rejections(node: ast.AnnAssign | ast.Assign) -> Iterator[str]:
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id == "_REJECTIONS"]
    if names and isinstance(node.value, ast.Dict):
        yield from (
            key.value for key in node.value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        )


USED = {rule for path in (ROOT / "src").rglob("*.py") for rule in rules_of(path)} | BUILT


def test_every_rule_has_a_section_and_every_section_a_rule() -> None:
    # an observation of an unknown test, and a result file of one, are the same mistake
    assert USED - OTHERS - {"unknown-test"} == set(SECTIONS)


def test_no_rule_is_explained_twice() -> None:
    assert len(SECTIONS) == len(set(SECTIONS))


def test_a_section_says_what_is_wrong_why_it_matters_and_how_to_fix_it_with_an_example() -> None:
    for section in TEXT.split("\n### ")[1:]:
        section = section.split("\n## ")[0]
        assert re.search(
            r"(?s)\n\*[A-Z][a-z]+\.\* .+ \*\*Why:\*\* .+ \*\*Fix:\*\* .+\n\n.*```\w+\n.+\n```", section
        ), section


def test_its_examples_are_those_of_the_tests() -> None:
    assert with_examples(TEXT) == TEXT, "run: python3 tests/reference.py"
    for rule, name in re.findall(r"### `(\S+)`\n[^#]*?<!-- example: \S+/(\S+?)@", TEXT):
        assert rule.replace("/", "-") == name


def test_every_rule_that_has_an_example_file_is_among_them() -> None:
    named = {path.name.split("@")[0] for path in (EXAMPLES / "invalid").glob("*/*")}
    assert named <= {each.replace("/", "-") for each in SECTIONS}


def test_every_rule_by_which_a_release_is_refused_is_explained_and_used() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert set(RefusalRule) <= set(SECTIONS)
    assert [rule for rule in RefusalRule if f"RefusalRule.{rule.name}" not in code] == []


def test_a_sarif_report_leads_to_the_section() -> None:
    page, _, anchor = help_address("agent/duplicate-name").partition("#")
    assert page.endswith(RULES.relative_to(ROOT).as_posix())
    assert anchor in anchors(RULES)
