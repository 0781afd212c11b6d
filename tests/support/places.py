"""Where the tests find things in the checkout."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
EXAMPLES = TESTS / "examples"
FIXTURES = TESTS / "fixtures"
SCHEMAS = ROOT / "schemas"
