"""10,000 components planned and staged, against the real CLI's conversion of the same checkout.

    python tests/bench/bench_stage.py [COMPONENTS]

Ours reads the commit, plans, and writes the staged folder with the digest of each file. The peer is
`sf project convert source` with the plan's manifest, in the checkout. Its check of the staged folder is timed too.
Prints `name | ours | peer | ratio | budget`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bench_components import write_project
from tests.support.git import start
from tests.support.tools import node_bin, npm_bin

from wavegate.components.head import read_head
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.prepare import plan_promotion
from wavegate.plan.staged import stage_plan
from wavegate.release.manifest import environment_of
from wavegate.salesforce.cli import Cli
from wavegate.staging.convert import converted_findings

MANIFEST = b"release: r\nagents: [{name: Big, version: 1}]\nenvironments: [{name: uat}]\n"
BUDGET = 0.5


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    os.environ["PATH"] = os.pathsep.join([str(node_bin()), str(npm_bin()), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "checkout"
        write_project(root, count)
        start(root, {"agentforce/release.yml": MANIFEST})
        started = time.perf_counter()
        head = read_head(root)
        manifest = head.manifest()
        plan = plan_promotion(head, manifest, environment_of(manifest, "uat"), LiveRelease(note="Nothing is live."))
        planned = time.perf_counter()
        stage = stage_plan(plan, root, Path(folder) / "stage")
        staged = time.perf_counter()
        cli = Cli(session=None, folder=root, home=Path(folder) / "home")
        cli.convert(stage.package, Path(folder) / "converted")
        peer = time.perf_counter() - staged
        checked = time.perf_counter()
        findings = converted_findings(stage, cli, file=manifest.path)
        check = time.perf_counter() - checked
    if findings or len(stage.members) < count * 0.9:
        sys.exit(f"The stage is not the plan: {findings}")
    ours = staged - started
    name = f"{len(stage.members):,} components planned ({planned - started:.2f} s), staged and digested"
    print(
        f"{name} | {ours:.2f} s | {peer:.2f} s (sf project convert source) | {ours / peer:.2f} | <= {BUDGET}\n"
        f"the CLI's check of that stage, with the comparison | {check:.2f} s | {peer:.2f} s (of the checkout) | "
        f"{check / peer:.2f} | -"
    )


if __name__ == "__main__":
    main()
