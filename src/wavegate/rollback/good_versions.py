"""The agent versions that were live in an org with an earlier release, according to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import ReleaseId, release_id
from wavegate.ledger.history import released_versions
from wavegate.rollback.choice import ReleaseChoice, choose_releases
from wavegate.text import one_line

LAST_GOOD = "last-good"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseVersions:
    """The versions of a release. title: its name and commit. org: id of the org that it was live in.

    versions: by agent name; None for an agent that was not active with it. release: as an act names it.
    """

    title: str
    release: ReleaseId
    org: str
    versions: Mapping[str, int | None]


def read_versions(
    github: GitHub, repository: str, environment: str, *, manifest: str, release: str
) -> ReleaseVersions:
    """The versions that were read back after a release was deployed to an environment, or that a stop kept it from.

    release: its name or commit, or `last-good`. An agent that only the newest release made live gets None.
    InputError: the ledger does not have the release, or not its versions.
    """
    target = "" if release == LAST_GOOD else release
    try:
        choice = choose_releases(github, repository, environment, manifest=manifest, target=target)
    except InputError as error:
        message, fix = (text.replace("--target", "--to-release") for text in (error.message, error.fix))
        raise InputError(message, fix=fix) from error
    good = choice.good
    title = f"{one_line(good.title, 100)} ({good.commit[:12]})"
    said = any(each.description.startswith("live: ") for each in good.statuses)
    if good.release is None or not said:
        raise InputError(
            f"The ledger does not say which versions were live in {one_line(environment, 100)} with {title}.",
            fix="Choose another release, or activate a version with --to-version.",
        )
    return ReleaseVersions(title=title, release=release_id(good), org=good.release.org, versions=_versions(choice))


def _versions(choice: ReleaseChoice) -> dict[str, int | None]:
    only_new = dict.fromkeys(name for name in choice.bad.live if name not in choice.good.live)
    return {**only_new, **choice.good.live, **released_versions(choice.good, choice.deployments)}
