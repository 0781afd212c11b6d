"""Every example says the truth: valid ones have no error, invalid ones exactly the finding that their name promises.

An invalid example is named `<rule>@<line>-<column>[.<what it shows>].<ending>`, with `-` for the rule's `/`.
"""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.support.places import EXAMPLES, ROOT

from wavegate.check.checks import Checked, check_release
from wavegate.files.document import MAX_BYTES
from wavegate.findings.finding import Severity

GIVEN = EXAMPLES / "valid" / "given"
VALID = sorted(path for path in (EXAMPLES / "valid").iterdir())
INVALID = sorted(path for path in (EXAMPLES / "invalid").rglob("*") if path.is_file())
NAME = re.compile(r"(?P<rule>[a-z0-9-]+)@(?P<line>\d+)-(?P<column>\d+)(\..+)?\.(yml|yaml|json)")
TODAY = date(2026, 11, 23)


def check(root: Path) -> Checked:
    return check_release(root, (), today=TODAY)


def rules_of_given(tmp_path: Path) -> set[str]:
    """What is found in the given example, also if readiness is enforced."""
    shutil.copytree(GIVEN, tmp_path / "given" / "agentforce")
    usual = {each.rule for each in check(tmp_path / "given").findings}
    manifest = tmp_path / "given/agentforce/release.yml"
    manifest.write_text(f"readiness: enforce\n{manifest.read_text()}")
    return usual | {each.rule for each in check(tmp_path / "given").findings}


@pytest.mark.parametrize("example", VALID, ids=lambda path: path.name)
def test_valid_example_has_no_error(example: Path, tmp_path: Path) -> None:
    shutil.copytree(example, tmp_path / "agentforce")
    checked = check(tmp_path)
    assert [each for each in checked.findings if each.severity is Severity.ERROR] == []
    assert len(checked.texts) == len(
        [each for each in example.rglob("*") if each.suffix in (".yml", ".yaml", ".json")]
    )


def test_given_example_has_few_warnings_and_each_says_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(GIVEN, tmp_path / "agentforce")
    warnings = [each for each in check(tmp_path).findings if each.severity is Severity.WARNING]
    assert [each.rule for each in warnings] == [
        "criteria/no-critical-test",
        "readiness/no-owners",
        "readiness/no-rollback-procedure",
        "readiness/no-smoke-tests",
        "canary/no-telemetry",
    ]


def test_the_complete_example_has_a_full_score(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "valid" / "extended", tmp_path / "agentforce")
    (card,) = check(tmp_path).cards
    assert (card.met, [each.missing for each in card.areas if each.missing]) == (card.total, [])


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.name)
def test_invalid_example_gives_exactly_the_finding_of_its_name(example: Path, tmp_path: Path) -> None:
    usual = rules_of_given(tmp_path)
    root = tmp_path / "checkout"
    shutil.copytree(GIVEN, root / "agentforce")
    promised = NAME.fullmatch(example.name)
    assert promised, "the file is not named after its finding"
    if example.parent.name == "packs":
        shutil.copy(example, root / "agentforce" / "packs")
    else:
        (root / "agentforce" / "release.yml").unlink()
        shutil.copy(example, root / "agentforce")
    found = [
        (each.rule.replace("/", "-"), each.location.line, each.location.column)
        for each in check(root).findings
        if each.rule not in usual or each.rule.replace("/", "-") == promised["rule"]
    ]
    assert found == [(promised["rule"], int(promised["line"]), int(promised["column"]))]


def test_a_file_over_the_limit_gives_one_finding(tmp_path: Path) -> None:
    (tmp_path / "agentforce").mkdir()
    (tmp_path / "agentforce" / "release.yml").write_text("# " + "x" * MAX_BYTES)
    assert [each.rule for each in check(tmp_path).findings] == ["file/too-large"]


def test_every_rule_of_an_example_is_one_of_the_code() -> None:
    source = ROOT / "src"
    code = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    known = {rule.replace("/", "-") for rule in re.findall(r'"([a-z]+/[a-z0-9-]+)"', code)}
    known |= {"gate-unknown-pack", "verify-unknown-pack"}
    named = {match["rule"] for match in map(NAME.fullmatch, (path.name for path in INVALID)) if match}
    assert named <= known
    assert len(INVALID) >= 40
