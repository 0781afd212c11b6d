"""A release that adds a flow, a template with its provider, and Apex is rolled back, and the rollback is deployed.

The org is as strict as a production org: flows arrive inactive, deletions of what is used and of flows are refused,
a template's provider must be there before it, and the planner of an active version cannot change.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.package import Key
from tests.doubles.salesforce.sf import install
from tests.support.deploying import HEAD, SOURCE, XMLNS, Desk, Done
from tests.support.rollback_world import git

Texts = Mapping[str, str | None]

MANIFEST = """\
release: wave-{wave}
agents: [{{name: Support_Agent, version: {version}}}]
rollback:
  prompts: {{strategy: restore}}
  actions: {{strategy: restore}}
  flows: {{strategy: activate-previous}}
  apex: {{strategy: restore}}
  agents: {{strategy: activate-previous}}
environments: [{{name: production}}]
"""


def _xml(kind: str, inner: str) -> str:
    return f"{HEAD}<{kind} {XMLNS}>{inner}</{kind}>\n"


def _manifest(wave: int, version: int) -> Texts:
    return {"agentforce/release.yml": MANIFEST.format(wave=wave, version=version)}


def _apex(name: str, text: str) -> Texts:
    path = f"{SOURCE}/classes/{name}.cls"
    return {path: text + "\n", f"{path}-meta.xml": _xml("ApexClass", "<status>Active</status>")}


def _flow(name: str, inner: str = "", *, label: str = "") -> Texts:
    text = _xml("Flow", f"<label>{label or name}</label>{inner}<status>Active</status>")
    return {f"{SOURCE}/flows/{name}.flow-meta.xml": text}


def _calls_flow(name: str) -> str:
    return f"<subflows><name>call</name><flowName>{name}</flowName></subflows>"


def _calls(name: str, kind: str) -> str:
    return (
        f"<actionCalls><name>call</name><actionName>{name}</actionName><actionType>{kind}</actionType></actionCalls>"
    )


def _template(name: str, provider: str = "") -> Texts:
    data = f"<templateDataProviders><definition>{provider}</definition></templateDataProviders>" if provider else ""
    inner = f"<developerName>{name}</developerName><templateVersions>{data}</templateVersions>"
    path = f"{SOURCE}/genAiPromptTemplates/{name}.genAiPromptTemplate-meta.xml"
    return {path: _xml("GenAiPromptTemplate", inner)}


def _action(name: str, target: str, kind: str) -> Texts:
    inner = f"<invocationTarget>{target}</invocationTarget><invocationTargetType>{kind}</invocationTargetType>"
    path = f"{SOURCE}/genAiFunctions/{name}"
    return {
        f"{path}/{name}.genAiFunction-meta.xml": _xml("GenAiFunction", inner),
        f"{path}/input/schema.json": "{}\n",
    }


def _topic(name: str, *actions: str) -> Texts:
    inner = "".join(f"<genAiFunctions><functionName>{each}</functionName></genAiFunctions>" for each in actions)
    return {f"{SOURCE}/genAiPlugins/{name}.genAiPlugin-meta.xml": _xml("GenAiPlugin", inner)}


def _agent(version: int, *, actions: tuple[str, ...] = (), topics: tuple[str, ...] = ("Cases",)) -> Texts:
    planner = f"Support_Agent_v{version}"
    inner = "".join(
        f"<genAiFunctions><genAiFunctionName>{each}</genAiFunctionName></genAiFunctions>" for each in actions
    )
    inner += "".join(f"<genAiPlugins><genAiPluginName>{each}</genAiPluginName></genAiPlugins>" for each in topics)
    named = f"<conversationDefinitionPlanners><genAiPlannerName>{planner}</genAiPlannerName>"
    return {
        f"{SOURCE}/bots/Support_Agent/Support_Agent.bot-meta.xml": _xml("Bot", "<label>S</label>"),
        f"{SOURCE}/bots/Support_Agent/v{version}.botVersion-meta.xml": _xml(
            "BotVersion", f"<fullName>v{version}</fullName>{named}</conversationDefinitionPlanners>"
        ),
        f"{SOURCE}/genAiPlannerBundles/{planner}/{planner}.genAiPlannerBundle": _xml("GenAiPlannerBundle", inner),
    }


GOOD: Texts = {
    "sfdx-project.json": '{"packageDirectories": [{"path": "force-app", "default": true}],'
    ' "sourceApiVersion": "66.0"}\n',
    "README.md": "one\n",
    **_manifest(2, 2),
    **_agent(2),
    **_topic("Cases", "Update_Case", "Notify_Owner"),
    **_action("Update_Case", "CaseActions", "apex"),
    **_action("Notify_Owner", "Notify_Owner", "flow"),
    **_flow("Notify_Owner"),
    **_apex("CaseActions", "public class CaseActions { @InvocableMethod public static void run() {} }"),
    **_apex("CaseActionsTest", "@IsTest class CaseActionsTest { @IsTest static void runs() { CaseActions.run(); } }"),
}
"""The agent's version 2, which changes a case by a class and notifies its owner by a flow."""

_CODE: Texts = {
    **_apex(
        "CaseActions",
        "public class CaseActions { @InvocableMethod public static void run() { CaseRanking.rank(); } }",
    ),
    **_apex("CaseRanking", "public class CaseRanking { public static void rank() {} }"),
    **_apex(
        "CaseRankingTest", "@IsTest class CaseRankingTest { @IsTest static void ranks() { CaseRanking.rank(); } }"
    ),
    **_apex("BriefHelper", "public class BriefHelper { @InvocableMethod public static void help() {} }"),
    **_apex("BriefHelperTest", "@IsTest class BriefHelperTest { @IsTest static void t() { BriefHelper.help(); } }"),
    **_flow("Load_Context", _calls("BriefHelper", "apex")),
    **_flow("Page_Owner"),
    **_flow("Notify_Owner", _calls_flow("Page_Owner")),
    **_action("Brief_It", "Brief_Case", "flow"),
    **_flow("Brief_Case", _calls("Case_Brief", "generatePromptResponse")),
}
FLOW_PROVIDER = "flow://Load_Context"
APEX_PROVIDER = "apex://BriefProvider"


def bad(provider: str, *, version: int) -> Texts:
    """The bad release: its template has that provider. version: 3 for a new version of the agent, else version 2."""
    made = {
        **_CODE,
        **_template("Case_Brief", provider),
        **_manifest(3, version),
        # a new version has an action of its own; the old one gets a topic with it
        **(_agent(3, actions=("Brief_It",)) if version == 3 else _agent(2, topics=("Cases", "Briefs"))),
        **(_topic("Briefs", "Brief_It") if version == 2 else {}),
    }
    if provider == APEX_PROVIDER:
        made |= _apex("BriefProvider", "public class BriefProvider { @InvocableMethod public static void load() {} }")
        made |= _apex(
            "BriefProviderTest",
            "@IsTest class BriefProviderTest { @IsTest static void t() { BriefProvider.load(); } }",
        )
        for path in [path for path in made if "Load_Context" in path or "BriefHelper" in path]:
            del made[path]
    return made


ADDED = {
    "BriefHelper", "BriefHelperTest", "BriefProvider", "BriefProviderTest", "Brief_Case", "Brief_It", "Briefs",
    "CaseRanking", "CaseRankingTest", "Case_Brief", "Load_Context", "Page_Owner",
}  # fmt: skip
"""The names of what a bad release adds."""


class Repository:
    """A repository, its production org, and wavegate between them."""

    def __init__(self, folder: Path) -> None:
        self.github = GitHubDouble(folder / "github")
        self.org = SalesforceDouble()
        self.github.__enter__()
        self.org.__enter__()
        self.org.flows.deployed_active = False
        self._contents: dict[Key, bytes] = {}
        self.desk = Desk(folder=folder, org=self.org, path=(install(folder / "bin"),))
        self.desk.extra = self.github.environment()

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self.org.__exit__(None, None, None)
        self.github.__exit__(None, None, None)

    def commit(self, files: Texts) -> str:
        """Commit these files to main; None removes one."""
        return self.github.seed(
            {path: None if text is None else text.encode() for path, text in files.items()}, "Next"
        )

    def promote(self) -> Done:
        """Deploy main's newest commit to production, and check that the org refused no part of it."""
        if not self.desk.checkout.exists():
            git(self.desk.folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.desk.checkout))
        git(self.desk.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", "main")
        git(self.desk.checkout, "reset", "--quiet", "--hard", "FETCH_HEAD")
        git(self.desk.checkout, "remote", "set-url", "origin", self.github.clone_url)
        self.org.deployments.jobs.clear()
        done = self.desk.run("deploy", "production")
        assert (done.code, done.outputs.get("result")) == (0, "deployed"), done.log
        for job in self.org.deployments.jobs.values():
            assert job.status == "Succeeded", done.log
            assert job.package
            self._contents |= {key: job.package.content(key) for key in job.package.components}
            for key in job.package.destructive:
                del self._contents[key]
        return done

    def roll_back(self) -> None:
        """Roll production back, and merge the pull request."""
        done = self.desk.run("rollback", "production", "--reason", "Rude")
        assert (done.code, done.outputs.get("result")) == (0, "opened"), done.log
        self.github.merge(int(done.outputs["pull-request"]))

    def differing(self, one: str, other: str) -> set[str]:
        """The paths that differ between two commits."""
        output = git(self.github.git_dir, "diff", "--no-renames", "--name-only", "-z", one, other)
        return set(output.split("\0")) - {""}

    def components(self) -> dict[Key, str]:
        """The org's components but its flows, with the digests of their files."""
        return {key: digest for key, digest in self.org.deployments.deployed.items() if key[0] != "Flow"}

    def active_flows(self) -> dict[str, bytes]:
        """The contents of the active versions of the org's flows."""
        every = self.org.flows.definitions.values()
        return {
            flow.name: each.content
            for flow in every
            for each in flow.versions
            if each.number == flow.active is not None
        }

    def missing(self) -> set[str]:
        """What the bad release added and the org no longer has, although something in the org names it."""
        active = self.active_flows()
        kept = {key: text for key, text in self._contents.items() if key[0] != "Flow"}
        texts = [*kept.values(), *active.values()]
        gone = ADDED - {name for _, name in kept} - active.keys()
        return {name for name in gone if any(re.search(rb"\b%s\b" % name.encode(), text) for text in texts)}

    def live(self) -> int | None:
        """The agent's active version."""
        return self.org.records.bots["Support_Agent"].active


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    made = Repository(tmp_path)
    yield made
    made.close()


_UNUSED = {"ApexClass:CaseRanking", "ApexClass:CaseRankingTest", "Flow:Page_Owner"}
_ACTION = {"GenAiFunction:Brief_It", "Flow:Brief_Case"}
_PROVIDER = {
    FLOW_PROVIDER: {"Flow:Load_Context", "ApexClass:BriefHelper"},
    APEX_PROVIDER: {"ApexClass:BriefProvider"},
}
_TEST = {FLOW_PROVIDER: {"ApexClass:BriefHelperTest"}, APEX_PROVIDER: {"ApexClass:BriefProviderTest"}}
TEMPLATE = {"GenAiPromptTemplate:Case_Brief"}


@pytest.mark.parametrize("provider", [FLOW_PROVIDER, APEX_PROVIDER])
@pytest.mark.parametrize(
    ("version", "left", "deleted"),
    [
        # version 3 stays in the org, with all that it uses
        (3, _ACTION, set()),
        # flows are deleted last, so that what they use stays
        (2, set(), {*_ACTION, "GenAiPlugin:Briefs"}),
    ],
)
def test_the_org_has_the_good_release_again(
    repository: Repository, provider: str, version: int, left: set[str], deleted: set[str]
) -> None:
    good = repository.commit(GOOD)
    repository.promote()
    components, flows = repository.components(), repository.active_flows()
    assert repository.live() == 2
    repository.commit(bad(provider, version=version))
    repository.promote()
    assert repository.live() == version
    assert len(repository.org.deployments.jobs) == 3
    # an earlier version of another flow calls it
    repository.org.flows.definitions["Page_Owner"].used_by = "Flow Version - Notify_Owner"
    repository.commit({"README.md": "two\n"})

    repository.roll_back()
    done = repository.promote()
    assert repository.differing(good, "main") == {"README.md"}
    assert _named("Deletes", done.log) == _UNUSED | _TEST[provider] | deleted
    kept = left | TEMPLATE | _PROVIDER[provider]
    assert _named("Left in the org:", done.log) == kept
    # of the good release, all is as before
    after = repository.components()
    assert components.items() <= after.items()
    assert flows.items() <= repository.active_flows().items()
    assert repository.live() == 2
    # and of the bad one, the org has just what it uses
    assert {f"{kind}:{name}" for kind, name in after.keys() - components.keys() if kind != "GenAiPlannerBundle"} == {
        each for each in kept if not each.startswith("Flow:")
    }
    assert repository.active_flows().keys() - flows.keys() == {
        each.partition(":")[2] for each in kept if each.startswith("Flow:")
    }
    assert repository.missing() == set()
    assert re.search("^flow Page_Owner: .*Notify_Owner", done.log, re.MULTILINE), done.log


def _named(words: str, log: str) -> set[str]:
    return set(re.findall(rf"^{words} (\S+)", log, re.MULTILINE))
