"""The values that fill the workflow templates of one repository."""

from dataclasses import dataclass

from wavegate.setup.local.generated import ACTIONS, ActionsPin


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The names that fill a workflow template.

    environments: in the order of promotion. commit, version: of wavegate; a full SHA, and a version without `v`.
    branch: the release branch. folders: of the Salesforce project. inputs: paths of further files whose change starts
    a release. manifest: its path; '' if it is the only one.
    actions: `OWNER/REPO` that has wavegate's actions and workflows. local: whether its reusable workflows are copied
    into the repository, instead of called. enterprise: whether the repository is on a GitHub Enterprise Server.
    watched: environments with a canary or health thresholds, which a scheduled workflow looks at; empty for none.
    optional: names of the workflows that not every repository needs, and this one does.
    """

    environments: tuple[str, ...]
    commit: str
    version: str
    branch: str = "main"
    folders: tuple[str, ...] = ("force-app",)
    inputs: tuple[str, ...] = ("sfdx-project.json",)
    manifest: str = ""
    actions: str = ACTIONS
    local: bool = True
    enterprise: bool = False
    watched: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def pin(self) -> ActionsPin:
        """What local workflows call."""
        return ActionsPin(
            commit=self.commit, version=self.version, repository=self.actions, enterprise=self.enterprise
        )
