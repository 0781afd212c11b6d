"""The README says what the product does."""

import re

import pytest
from tests.reference import PAGES, pages
from tests.support.product_files import ACTIONS, ROOT, TEMPLATES, WORKFLOWS

from wavegate.errors import ExitCode
from wavegate.promotion.values import RefusalRule

TEXT = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", pages())
def test_the_reference_is_made_from_the_product(name: str) -> None:
    assert (PAGES / name).read_text("utf-8") == pages()[name], "run: python3 tests/reference.py"


def test_its_examples_are_valid_ones() -> None:
    examples = ROOT / "tests" / "examples" / "valid"
    for name in ("given/release.yml", "readme/release.yml", "readme/packs/production-readiness.json"):
        assert (examples / name).read_text("utf-8") in TEXT


def test_it_lists_every_exit_code() -> None:
    text = (PAGES / "exit-codes.md").read_text("utf-8")
    assert {int(code) for code in re.findall(r"(?m)^\| (\d) \|", text)} == set(ExitCode)


def test_it_lists_every_rule_by_which_a_release_is_refused() -> None:
    rows = re.findall(r"(?m)^\| (`(?:evidence|promotion)/[^|]+) \|", TEXT)
    listed = [rule for row in rows for rule in re.findall(r"`([^`]+)`", row)]
    assert sorted(listed) == sorted(RefusalRule)


def test_third_party_actions_are_pinned_as_in_our_own_workflows() -> None:
    ours = "".join(path.read_text("utf-8") for path in (*ACTIONS, *WORKFLOWS, *TEMPLATES))
    used = re.findall(r"uses: ((?!wavegate/)\S+@\S+ # \S+)", TEXT)
    assert used
    assert [each for each in used if each not in ours] == []
