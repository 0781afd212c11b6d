"""The Agent Scripts that a release publishes, and the versions that its agents get from git."""

from collections.abc import Iterable, Mapping

import pytest
from tests.support.deploying import release, script_release

from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.plan.scripts import release_scripts, released_agents
from wavegate.release.manifest import Agent

BUNDLES = "force-app/main/default/aiAuthoringBundles"
META = (
    '<AiAuthoringBundle xmlns="http://soap.sforce.com/2006/04/metadata"><bundleType>AGENT</bundleType>'
    "{}</AiAuthoringBundle>"
)


class Files:
    """Files in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> list[str]:
        return sorted(self._files)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self._files[path] for path in paths if path in self._files}


def bundle(name: str, *, text: str = "", target: str = "") -> dict[str, str]:
    script = f'config:\n    developer_name: "{name}"\n{text}'
    return {
        f"{BUNDLES}/{name}/{name}.agent": script,
        f"{BUNDLES}/{name}/{name}.bundle-meta.xml": META.format(f"<target>{target}</target>" if target else ""),
    }


def scripts(
    files: Mapping[str, str], *agents: Agent, sent: tuple[str, ...] = ("Support_Agent",)
) -> list[tuple[str, bool]]:
    source = Files(files)
    project = read_project(source)
    members = {ComponentId(type="AiAuthoringBundle", name=each) for each in sent}
    found = release_scripts(project, released_agents(agents, project), members, source.read)
    return [(each.agent, each.changed) for each in found]


UNPINNED = Agent(name="Support_Agent")


@pytest.mark.parametrize(
    ("files", "agent", "sent", "expected"),
    [
        (script_release(), UNPINNED, ("Support_Agent",), [("Support_Agent", True)]),
        (script_release(), UNPINNED, (), [("Support_Agent", False)]),
        # a version number says which one goes live: in the manifest, or in git
        (script_release(), Agent(name="Support_Agent", version=3), ("Support_Agent",), []),
        (release(pinned=None) | script_release(), UNPINNED, ("Support_Agent",), []),
        # a published version is locked
        (script_release() | bundle("Support_Agent_2", target="Support_Agent.v2"), UNPINNED, ("Support_Agent_2",),
         [("Support_Agent", False)]),
        # another agent's script that is sent because the release refers to it
        (script_release() | bundle("Tours"), UNPINNED, ("Tours",), [("Support_Agent", False), ("Tours", True)]),
        (script_release() | bundle("Tours"), UNPINNED, (), [("Support_Agent", False)]),
    ],
)  # fmt: skip
def test_the_scripts_of_a_release(
    files: dict[str, str], agent: Agent, sent: tuple[str, ...], expected: list[tuple[str, bool]]
) -> None:
    assert scripts(files, agent, sent=sent) == expected


def test_an_agent_is_published_after_those_that_it_hands_over_to() -> None:
    hand = 'connected_subagent {}:\n    target: "agent://{}"\n'
    files = (bundle("A", text=hand.format("B", "B")) | bundle("B", text=hand.format("C", "C")) | bundle("C")) | {
        "sfdx-project.json": script_release()["sfdx-project.json"]
    }
    assert [name for name, _ in scripts(files, Agent(name="A"), sent=("A", "B", "C"))] == ["C", "B", "A"]
    # two that hand over to each other
    files |= bundle("C", text=hand.format("A", "A"))
    assert sorted(name for name, _ in scripts(files, Agent(name="A"), sent=("A", "B", "C"))) == ["A", "B", "C"]


def test_the_digest_is_of_the_script_alone() -> None:
    def digest(files: Mapping[str, str]) -> str:
        source = Files(files)
        project = read_project(source)
        (found,) = release_scripts(project, [UNPINNED], frozenset(), source.read)
        return found.digest

    first = digest(script_release())
    meta = next(path for path in script_release() if path.endswith("bundle-meta.xml"))
    assert digest(script_release() | {meta: META.format("<versionTag>x</versionTag>")}) == first
    assert digest(script_release("You plan tours.")) != first


@pytest.mark.parametrize(("pinned", "version"), [(None, 3), (2, 2), (7, 7)])
def test_a_bots_version_is_the_pinned_one_or_the_newest_in_git(pinned: int | None, version: int) -> None:
    project = read_project(Files(release(pinned=pinned)))
    assert released_agents([Agent(name="Support_Agent", version=pinned)], project) == (
        Agent(name="Support_Agent", version=version),
    )
