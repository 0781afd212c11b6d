"""Makes the page of `wavegate report` for a long story, and opens it in headless Chromium.

Run it from the repository: `npm ci --prefix tests/screens && .venv/bin/python tests/screens/report_page.py FOLDER`.
The page and its pictures are left in the folder. It exits with 1 if a reader would trip over something.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.canary_looks import look, sums  # noqa: E402
from tests.support.ledger_story import long_story  # noqa: E402
from tests.support.promotion_world import PromotionWorld  # noqa: E402

from wavegate.canary.decision import canary_to_json  # noqa: E402
from wavegate.canary.values import CanaryVerdict  # noqa: E402


def main(folder: Path) -> int:
    """Make the page in a world of the doubles, and look at it."""
    folder.mkdir(parents=True, exist_ok=True)
    world = PromotionWorld(folder / "world")
    world.github.deployments.clear()
    long_story(world.github)
    looks = folder / "world/looks"
    looks.mkdir()
    evidence = (1.0, 0.7, 0.4, 0.9, 0.3)
    for number, value in enumerate(evidence, 1):
        verdict = CanaryVerdict.EXPAND if number == len(evidence) else CanaryVerdict.HOLD
        (looks / f"{number}.json").write_bytes(canary_to_json(look(number, verdict, evidence=value)))
    (looks / "sums.json").write_bytes(sums(40))
    page = folder / "report.html"
    done = world.desk.run("report", "--evidence", str(looks), "--output", str(page))
    world.close()
    print(done.log)
    return subprocess.run(
        ["node", str(ROOT / "tests/screens/page.mjs"), str(page), str(folder)], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
