"""The README says what the product does."""

import re

from tests.reference import README, filled
from tests.support.product_files import ACTIONS, ROOT, TEMPLATES, WORKFLOWS

from wavegate.errors import ExitCode
from wavegate.promotion.values import RefusalRule

TEXT = README.read_text("utf-8")


def test_its_reference_is_made_from_the_action_files() -> None:
    assert filled(TEXT) == TEXT, "run: python3 tests/reference.py"


def test_its_examples_are_valid_ones() -> None:
    examples = ROOT / "tests" / "examples" / "valid"
    for name in ("given/release.yml", "readme/release.yml", "readme/packs/production-readiness.json"):
        assert (examples / name).read_text("utf-8") in TEXT


def test_it_lists_every_exit_code() -> None:
    section = TEXT.split("## Exit codes")[1].split("\n## ")[0]
    assert {int(code) for code in re.findall(r"(?m)^\| (\d) \|", section)} == set(ExitCode)


def test_it_lists_every_rule_by_which_a_release_is_refused() -> None:
    rows = re.findall(r"(?m)^\| (`(?:evidence|promotion)/[^|]+) \|", TEXT)
    listed = [rule for row in rows for rule in re.findall(r"`([^`]+)`", row)]
    assert sorted(listed) == sorted(RefusalRule)


def test_every_rule_refuses_somewhere() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert [rule for rule in RefusalRule if f"RefusalRule.{rule.name}" not in code] == []


def test_its_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)]+)\)", TEXT)
    assert targets
    assert [target for target in targets if not (ROOT / target.partition("#")[0]).exists()] == []


def test_third_party_actions_are_pinned_as_in_our_own_workflows() -> None:
    ours = "".join(path.read_text("utf-8") for path in (*ACTIONS, *WORKFLOWS, *TEMPLATES))
    texts = TEXT + "".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    used = re.findall(r"uses: ((?!wavegate/)\S+@\S+ # \S+)", texts)
    assert used
    assert [each for each in used if each not in ours] == []
