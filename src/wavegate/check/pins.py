"""Test definitions of the packs that test another version than the manifest pins where they run."""

from collections.abc import Iterator, Sequence

from wavegate.census.pins import pin_findings
from wavegate.census.values import Census
from wavegate.errors import InputError
from wavegate.findings.finding import Finding
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack
from wavegate.smoke.runs import packs_to_run


def release_pin_findings(manifest: Manifest, packs: Sequence[Pack], census: Census) -> Iterator[Finding]:
    """A finding for each definition that tests another version than the one that is pinned where it runs."""
    for environment in manifest.environments:
        pinned = manifest.pinned_versions(environment.name)
        yield from pin_findings(census, _packs_in(manifest, environment, packs), pinned, environment=environment.name)


def _packs_in(manifest: Manifest, environment: Environment, packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs that run in an environment, before the next promotion or after its own; none if one is missing."""
    try:
        before = packs_to_run(manifest, environment, packs, verify=False)
        return (*before, *packs_to_run(manifest, environment, packs, verify=True))
    except InputError:
        return ()  # a finding of its own
