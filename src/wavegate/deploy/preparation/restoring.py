"""The live release's versions of components that a failed deployment had changed already, staged to be restored."""

from collections.abc import Set as AbstractSet
from pathlib import Path

from wavegate.components.agent_versions import with_agents
from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.deploy.request import PackageStage
from wavegate.deploy.test_choice import TestChoice, with_tests
from wavegate.plan.live_release import LiveRelease
from wavegate.salesforce.cli import Upload
from wavegate.staging.stage import stage_release


def stage_live(
    live: LiveRelease, components: AbstractSet[ComponentId], *, root: Path, folder: Path, choice: TestChoice
) -> PackageStage | None:
    """A stage with the live versions of some components. None: the live release is not known, or has none of them.

    root: of the checkout. folder: for the staged files, replacing earlier ones. InputError: they cannot be staged.
    """
    if live.scope is None or live.source is None:
        return None
    found = [each for each in live.scope.components if each.id in components and each.parent is None]
    if not found:
        return None
    sent = with_agents(found, live.scope.components)
    staged = stage_release(live.source, read_project(live.source), sent, folder, checkout=root)
    stage = PackageStage(upload=Upload(package=staged.package, folder=staged.folder), members=staged.members)
    return with_tests([stage], choice, live.scope)[0]
