"""Copy every agent of a project for every single change of a component, and check each copy.

    WAVEGATE_PROJECT=…/checkout python tests/corpus/pilot_copies.py [--scripts] [AGENT]

--scripts: leave compiled versions and planners out, as if every agent shipped as the script in git.
Prints a line for each change that cannot be confined or whose copy is wrong, then the totals.
"""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parents[2])]

from tests.support.pilot_checks import copy_faults  # noqa: E402
from tests.support.releases import environment  # noqa: E402

from wavegate.components.agent_versions import agent_names  # noqa: E402
from wavegate.components.closure import release_scope  # noqa: E402
from wavegate.components.component import ComponentId, Project, kind_of  # noqa: E402
from wavegate.components.project import read_project  # noqa: E402
from wavegate.components.scope import ReleaseScope  # noqa: E402
from wavegate.files.folder import FolderSource  # noqa: E402
from wavegate.files.source import Source  # noqa: E402
from wavegate.pilot.copy import make_copy  # noqa: E402
from wavegate.release.manifest import Agent, Manifest  # noqa: E402

COMPILED = ("/bots/", "/genAiPlannerBundles/", "/genAiPlanners/")


class Scripts:
    """A source without what is compiled from scripts."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def paths(self) -> Sequence[str]:
        """The paths that stay."""
        return [path for path in self._source.paths() if not any(folder in path for folder in COMPILED)]

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The files."""
        return self._source.read(paths)


class Trial:
    """The changes of one project."""

    def __init__(self, source: Source, project: Project) -> None:
        self.source = source
        self.project = project
        self.sizes: list[int] = []
        self.faults = 0
        self.changes = 0
        self.residues = 0
        self.reasons: Counter[str] = Counter()

    def agent(self, name: str) -> None:
        """Copy the agent unchanged, in full, and for every change of one of its components."""
        agent = Agent(name=name)
        manifest = Manifest(release="r", environments=(environment("uat"),), agents=(agent,))
        scope = release_scope(manifest, "uat", self.project)
        self._copy(agent, scope, "unchanged", frozenset())
        self._copy(agent, scope, "everything", frozenset(), everything=True)
        for each in scope.components:
            if each.parent is None and kind_of(each.id.type):
                self.changes += 1
                self._copy(agent, scope, str(each.id), frozenset({each.id}))

    def _copy(
        self,
        agent: Agent,
        scope: ReleaseScope,
        what: str,
        changed: frozenset[ComponentId],
        *,
        everything: bool = False,
    ) -> None:
        copy = make_copy(
            self.source, self.project, agents=(agent,), scope=scope, changed=changed, everything=everything
        )
        for each in copy.not_separable:
            self.reasons[each.why.partition(" in ")[0]] += 1
            print(f"  {agent.name}, {what}: {each.component} {each.why}")
        if not copy.not_separable:
            if changed:
                self.sizes.append(len(copy.names))
            self.residues += len(copy.residues)
            for fault in copy_faults(self.source, self.project, copy):
                self.faults += 1
                print(f"! {agent.name}, {what}: {fault}")


def main() -> None:
    """Try the project and print the totals."""
    source: Source = FolderSource(Path(os.environ["WAVEGATE_PROJECT"]))
    arguments = sys.argv[1:]
    if "--scripts" in arguments:
        arguments.remove("--scripts")
        source = Scripts(source)
    project = read_project(source)
    trial = Trial(source, project)
    agents = arguments or agent_names(project)
    started = time.perf_counter()
    for name in agents:
        trial.agent(name)
    seconds = time.perf_counter() - started
    sizes = sorted(trial.sizes) or [0]
    print(
        f"{len(agents)} agents, {trial.changes} changes, {len(trial.sizes)} copied in {seconds:.1f} s; components "
        f"copied: median {statistics.median(sizes):g}, p90 {sizes[int(len(sizes) * 0.9)]}, most {sizes[-1]}; "
        f"{trial.residues} residues, {trial.faults} faults."
    )
    for reason, count in trial.reasons.most_common():
        print(f"  {count} × {reason}")


if __name__ == "__main__":
    main()
