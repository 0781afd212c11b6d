"""Compare the verdicts on many small random agents with those of an enumeration of their conversations.

Usage: python tests/corpus/enumerate_agents.py [COUNT]
"""

import sys
from pathlib import Path

from hypothesis import given, settings

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.enumerated_agents import agents, traps_agree, verdicts_agree  # noqa: E402


def main() -> None:
    """Compares COUNT agents (3,000 if it is left out)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    for compare in (verdicts_agree, traps_agree):
        settings(max_examples=count, deadline=None)(given(agents())(compare))()


if __name__ == "__main__":
    main()
