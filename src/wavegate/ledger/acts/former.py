"""Environments that a manifest no longer names, although its acts still hold them: a rename ends no stop."""

from collections.abc import Mapping
from dataclasses import replace

from wavegate.ledger.acts.by_environment import RepositoryActs
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.spelling import is_environment
from wavegate.release.manifest import Environment, Manifest, PackGate, environment_of


def former_holds(acts: RepositoryActs, manifest: Manifest) -> dict[str, Holds]:
    """What a manifest's own acts hold in environments that it does not name, by name; others may name them."""
    named = {each.name.casefold() for each in manifest.environments}
    found = {each: _own(acts, each, manifest.path) for each in acts.names if each.casefold() not in named}
    return {name: holds for name, holds in found.items() if holds != Holds()}


def open_names(holds: Mapping[str, Holds]) -> list[str]:
    """The environments in which something is open, not only banned."""
    return [name for name, each in holds.items() if each.stops or each.lock or each.rollback]


def environment_with_holds(manifest: Manifest, name: str, acts: RepositoryActs) -> Environment:
    """The environment with this name, of the manifest or one that it no longer names and that its acts still hold.

    InputError: there is neither; the fix lists those of the manifest.
    """
    former = (each for each in former_holds(acts, manifest) if is_environment(each, name))
    if found := next(former, None):
        return Environment(name=found, org=found, verify=PackGate())
    return environment_of(manifest, name)


def _own(acts: RepositoryActs, environment: str, manifest: str) -> Holds:
    holds = holds_of(acts.of(environment).acts, manifest=manifest)
    lock = holds.lock if holds.lock and holds.lock.manifest == manifest else None
    stops = tuple(each for each in holds.stops if each.act.manifest == manifest)
    return replace(holds, lock=lock, stops=stops, banned=())
