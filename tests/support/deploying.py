"""A release on disk, an org to deploy it to, and wavegate as a process that does it."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.forked import Forked
from tests.support.git import commit, git, start
from tests.support.outputs import read_outputs
from tests.support.places import ROOT

from wavegate.__main__ import main

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
SOURCE = "force-app/main/default"


def release(*, pinned: int | None, versions: tuple[int, ...] = (2, 3), more: str = "") -> dict[str, str]:
    """The files of a release with one agent, one prompt and one class. pinned: version of the agent."""
    pin = f", version: {pinned}" if pinned else ""
    files = {
        "sfdx-project.json": '{"packageDirectories": [{"path": "force-app", "default": true}],'
        ' "sourceApiVersion": "66.0"}\n',
        "agentforce/release.yml": f"release: wave-3\nagents: [{{name: Support_Agent{pin}}}]\n{more}"
        "environments:\n  - name: uat\n    prompts: [Support_Resolution]\n",
        f"{SOURCE}/bots/Support_Agent/Support_Agent.bot-meta.xml": f"{HEAD}<Bot {XMLNS}><label>S</label></Bot>\n",
        f"{SOURCE}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml": f"{HEAD}"
        f"<GenAiPromptTemplate {XMLNS}><developerName>Support_Resolution</developerName></GenAiPromptTemplate>\n",
    }
    for number in versions:
        planner = f"Support_Agent_v{number}"
        files[f"{SOURCE}/bots/Support_Agent/v{number}.botVersion-meta.xml"] = (
            f"{HEAD}<BotVersion {XMLNS}><fullName>v{number}</fullName><conversationDefinitionPlanners>"
            f"<genAiPlannerName>{planner}</genAiPlannerName></conversationDefinitionPlanners></BotVersion>\n"
        )
        files[f"{SOURCE}/genAiPlannerBundles/{planner}/{planner}.genAiPlannerBundle"] = (
            f"{HEAD}<GenAiPlannerBundle {XMLNS}><masterLabel>S</masterLabel></GenAiPlannerBundle>\n"
        )
    return files


def script_release(text: str = "You plan visits.", *, pinned: int | None = None) -> dict[str, str]:
    """The files of a release whose agent is an Agent Script alone. text: what its script says."""
    files = {name: content for name, content in release(pinned=pinned, versions=()).items() if "/bots/" not in name}
    bundle = f"{SOURCE}/aiAuthoringBundles/Support_Agent/Support_Agent"
    return files | {
        f"{bundle}.agent": f'config:\n    developer_name: "Support_Agent"\nstart_agent main:\n    label: "{text}"\n',
        f"{bundle}.bundle-meta.xml": f"{HEAD}<AiAuthoringBundle {XMLNS}>\n  <bundleType>AGENT</bundleType>\n"
        "</AiAuthoringBundle>\n",
    }


def staged_release(*, pinned: int | None = 3) -> dict[str, str]:
    """The release with a data provider for its prompt, and an action whose flow calls the prompt: three stages."""
    files = release(pinned=pinned, more="")
    prompts, flows = f"{SOURCE}/genAiPromptTemplates", f"{SOURCE}/flows"
    call = "<actionName>Support_Resolution</actionName><actionType>generatePromptResponse</actionType>"
    target = "<invocationTarget>Escalate_Case</invocationTarget><invocationTargetType>flow</invocationTargetType>"
    provider = "<definition>flow://Load_Context</definition>"
    files["agentforce/release.yml"] += "    actions: [Escalate]\n"
    return files | {
        f"{prompts}/Support_Resolution.genAiPromptTemplate-meta.xml": f"{HEAD}<GenAiPromptTemplate {XMLNS}>"
        f"<templateVersions><templateDataProviders>{provider}</templateDataProviders></templateVersions>"
        "</GenAiPromptTemplate>\n",
        f"{flows}/Load_Context.flow-meta.xml": f"{HEAD}<Flow {XMLNS}><label>Load</label></Flow>\n",
        f"{flows}/Escalate_Case.flow-meta.xml": f"{HEAD}<Flow {XMLNS}><actionCalls>{call}</actionCalls></Flow>\n",
        f"{SOURCE}/genAiFunctions/Escalate/Escalate.genAiFunction-meta.xml": f"{HEAD}<GenAiFunction {XMLNS}>"
        f"{target}</GenAiFunction>\n",
    }


def before_staged_release(*, pinned: int | None = 3) -> dict[str, str]:
    """A release to be live before `staged_release`, so that it is two stages and the first one changes a component.

    It has the data provider already, as what its action does, but not the prompt.
    """
    files = staged_release(pinned=pinned)
    for name in [name for name in files if "Template" in name or "Escalate_Case" in name]:
        del files[name]
    action = f"{SOURCE}/genAiFunctions/Escalate/Escalate.genAiFunction-meta.xml"
    provider = f"{SOURCE}/flows/Load_Context.flow-meta.xml"
    return files | {
        "agentforce/release.yml": files["agentforce/release.yml"].replace("    prompts: [Support_Resolution]\n", ""),
        action: files[action].replace("Escalate_Case", "Load_Context"),
        provider: files[provider].replace("Load<", "Load it as before<"),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A finished command."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(kw_only=True, slots=True)
class Desk:
    """Where wavegate runs: a checkout, a runner's temporary folder, and the environment of a step."""

    folder: Path
    org: SalesforceDouble
    path: tuple[Path, ...]
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def checkout(self) -> Path:
        """The checkout."""
        return self.folder / "checkout"

    @property
    def temporary(self) -> Path:
        """The runner's temporary folder."""
        return self.folder / "temp"

    def write(self, files: Mapping[str, str]) -> None:
        """Replace the checkout with a repository whose only commit has these files."""
        shutil.rmtree(self.checkout, ignore_errors=True)
        start(self.checkout, {name: text.encode() for name, text in files.items()})

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Commit everything in the checkout, or these files and no others. Returns the commit's id."""
        if files is not None:
            for name in git(self.checkout, "ls-files", "-z").decode().split("\0")[:-1]:
                (self.checkout / name).unlink()
        return commit(self.checkout, {name: text.encode() for name, text in (files or {}).items()}, "Next")

    def environment(self) -> dict[str, str]:
        """The environment of a step."""
        home = self.folder / "home"
        for folder in (home, self.temporary, self.checkout):
            folder.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.pathsep.join([*map(str, self.path), "/usr/bin", "/bin"]),
            "HOME": str(home),
            "PYTHONPATH": str(ROOT / "src"),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self.org.environment(),
            **self.extra,
        }

    def clear(self) -> None:
        """Delete the outputs and the summary of the previous step."""
        for name in ("output", "summary"):
            (self.folder / name).unlink(missing_ok=True)

    def start(self, *arguments: str) -> Forked:
        """Start a command in its own process group."""
        self.clear()
        return Forked(arguments, self.environment(), folder=self.checkout)

    def run(self, *arguments: str) -> Done:
        """Run a command and wait for it."""
        return self.finish(self.start(*arguments))

    def finish(self, process: Forked) -> Done:
        """Wait for a command."""
        log, _ = process.communicate(timeout=120)
        assert process.returncode is not None
        return self.done(process.returncode, log)

    def done(self, code: int, log: str) -> Done:
        """The result of a command."""
        output, summary = self.folder / "output", self.folder / "summary"
        return Done(
            code=code,
            log=log,
            outputs=read_outputs(output) if output.exists() else {},
            summary=summary.read_text() if summary.exists() else "",
        )


Run = Callable[..., Done]


def in_process(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command at the desk in this process, and skips wavegate's waiting times."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def run(*arguments: str) -> Done:
        for name in os.environ:
            if name.startswith(("SF_", "GITHUB_", "WAVEGATE_")):
                monkeypatch.delenv(name)
        for name, value in desk.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(desk.checkout)
        desk.clear()
        code = main(list(arguments))
        return desk.done(code, "".join(capsys.readouterr()))

    return run
