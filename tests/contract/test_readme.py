"""README and docs say what the product does."""

import re

import pytest
from tests.reference import PAGES as REFERENCE
from tests.reference import pages
from tests.support.pages import DOCS, PAGES
from tests.support.product_files import ACTIONS, ROOT, TEMPLATES, WORKFLOWS

from wavegate.errors import ExitCode

README = (ROOT / "README.md").read_text("utf-8")
ONE_SCREEN = 60
"""Lines."""


@pytest.mark.parametrize("name", pages())
def test_the_reference_is_made_from_the_product(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == pages()[name], "run: python3 tests/reference.py"


def test_the_readme_is_one_screen() -> None:
    assert len(README.splitlines()) <= ONE_SCREEN


def test_the_example_is_a_valid_one() -> None:
    text, examples = (DOCS / "how-to" / "set-up.md").read_text("utf-8"), ROOT / "tests" / "examples" / "valid"
    for name in ("readme/release.yml", "readme/packs/production-readiness.json"):
        assert (examples / name).read_text("utf-8") in text


def test_it_lists_every_exit_code() -> None:
    text = (REFERENCE / "exit-codes.md").read_text("utf-8")
    assert {int(code) for code in re.findall(r"(?m)^\| (\d) \|", text)} == set(ExitCode)


def test_third_party_actions_are_pinned_as_in_our_own_workflows() -> None:
    ours = "".join(path.read_text("utf-8") for path in (*ACTIONS, *WORKFLOWS, *TEMPLATES))
    used = [
        use
        for page in PAGES
        for use in re.findall(r"uses: (?!wavegate/)([\w./-]+@\S+ # \S+)", page.read_text("utf-8"))
    ]
    assert used
    assert [each for each in used if each not in ours] == []
