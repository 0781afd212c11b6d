"""A repository whose org runs an agent already, without any record of it."""

import io
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.sf_convert import converted
from tests.support.deploying import Desk, Done, staged_release
from tests.support.git import git

from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource

FLOW = "force-app/main/default/flows/Load_Context.flow-meta.xml"
PROMPT = "force-app/main/default/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
MANIFEST = "agentforce/release.yml"


def files(**texts: str) -> dict[str, bytes]:
    """The files of a release: an agent, a prompt, two flows, an action. texts: labels of `prompt` and `flow`."""
    found = staged_release()
    found[MANIFEST] = found[MANIFEST].replace("name: uat", "name: production")
    found[FLOW] = found[FLOW].replace("Load<", f"{texts.get('flow', 'Load')}<")
    label = f"<masterLabel>{texts.get('prompt', 'first')}</masterLabel>"
    found[PROMPT] = found[PROMPT].replace("<templateVersions>", f"{label}<templateVersions>", 1)
    return {path: text.encode() for path, text in found.items()}


def changed(path: str, old: str, new: str, base: Mapping[str, bytes]) -> dict[str, bytes]:
    """One file of a release, changed."""
    assert old.encode() in base[path]
    return {path: base[path].replace(old.encode(), new.encode())}


class AdoptionWorld:
    """Both doubles and a checkout; nothing is recorded, and the org is empty until `deploy_elsewhere`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._doubles = ExitStack()
        self.github = self._doubles.enter_context(GitHubDouble(folder / "github"))
        self.org = self._doubles.enter_context(SalesforceDouble())
        self.org.records.add_bot("Support_Agent", versions=3, active=3)
        self.desk = Desk(folder=folder, org=self.org, path=(install(folder / "bin"),))
        self.desk.extra = self.github.environment()

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._doubles.close()

    def seed(self, *releases: Mapping[str, bytes | None]) -> list[str]:
        """Commit these changes one after the other, and check out the last."""
        commits = [self.github.seed(each, f"Commit {number}") for number, each in enumerate(releases, 1)]
        self.check_out()
        return commits

    def check_out(self) -> None:
        """Check out what is on GitHub."""
        if self.desk.checkout.exists():
            git(self.desk.checkout, "pull", "--quiet", f"file://{self.github.git_dir}", "main")
            return
        git(self.folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.desk.checkout))
        git(self.desk.checkout, "remote", "set-url", "origin", self.github.clone_url)

    def deploy_elsewhere(self, commit: str) -> None:
        """Deploy everything of a commit, as a person does with the CLI."""
        folder = self.folder / "elsewhere"
        git(self.desk.checkout, "worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
        project = read_project(FolderSource(folder))
        manifest = package_xml((each for each in project.components.values()), project.api_version)
        package, sent = converted(manifest, folder)
        git(self.desk.checkout, "worktree", "remove", "--force", str(folder))
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in {"package.xml": package.encode(), **sent}.items():
                archive.writestr(name, content)
        agent = self.org.records.bots["Support_Agent"]
        active = agent.active
        agent.activate(None)
        # a template's provider has to be there before it, and a flow's template before that
        for _ in range(3):
            self.org.deployments.plan(statuses=("Succeeded",))
            job = self.org.deployments.start(data.getvalue(), {"rollbackOnError": False})
            outcome = self.org.deployments.poll(job)
        assert outcome["success"], outcome["details"]["componentFailures"]
        self.org.deployments.jobs.clear()
        agent.activate(active)

    def adopt(self, *arguments: str) -> Done:
        """Run `wavegate adopt production`."""
        return self.desk.run("adopt", "production", "--reason", "We start with wavegate", *arguments)

    def records(self) -> list[Any]:
        """wavegate's deployments, oldest first."""
        return [each for each in self.github.deployments if each.task == "wavegate"]
