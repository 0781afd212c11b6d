"""Read what the ledger says about an environment's canary: its releases, its looks, and what was withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.canary.watch.starts import is_start_known
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import read_all_acts
from wavegate.ledger.acts.withdrawal import find_withdrawal, withdrawn_act
from wavegate.ledger.canary_entry import CanaryLook, looks_of
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.entry import looks_in, releases
from wavegate.ledger.history import is_of
from wavegate.ledger.reader import read_nodes

_MAX_PAGES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryLedger:
    """What was read. deployments: of the manifest, newest first. looks: of any manifest."""

    manifest: str
    deployments: tuple[Deployment, ...]
    looks: tuple[CanaryLook, ...]

    def looks_at(self, content: str) -> tuple[CanaryLook, ...]:
        """The looks at one content, newest first."""
        return looks_of(self.looks, manifest=self.manifest, content=content)


def read_canary_ledger(github: GitHub, repository: str, environment: str, *, manifest: str) -> CanaryLedger:
    """The releases of a manifest and the looks, back to what was live before the pilot, in one paged query."""
    deployments: list[Deployment] = []
    looks: list[CanaryLook] = []
    for number, (nodes, _) in enumerate(read_nodes(github, repository, [environment]), 1):
        deployments += [each for each in releases(nodes) if is_of(each, manifest)]
        looks += looks_in(nodes)
        if is_start_known(deployments, manifest=manifest) or number == _MAX_PAGES:
            break
    return CanaryLedger(manifest=manifest, deployments=tuple(deployments), looks=tuple(looks))


def standing_rollback(
    github: GitHub, repository: str, environment: str, ledger: CanaryLedger, content: str
) -> CanaryLook | None:
    """The newest look at a content that decided to roll it back, unless a person has withdrawn that rollback since.

    A dry run decides nothing. No request if there is no such look.
    """
    decided = (each for each in ledger.looks_at(content) if each.verdict == "rollback" and not each.dry_run)
    look = next(decided, None)
    if look is None:
        return None
    withdrawn = _withdrawals(github, repository, environment, ledger.manifest, content)
    return None if any(each >= look.moment for each in withdrawn) else look


def _withdrawals(
    github: GitHub, repository: str, environment: str, manifest: str, content: str
) -> Iterable[datetime]:
    """When rollbacks of a content were withdrawn; closing the pull request withdraws one, recorded or not."""
    acts: Sequence[Act] = read_all_acts(github, repository).of(environment).acts
    rollback = holds_of(acts, manifest=manifest).rollback
    if rollback and (withdrawal := find_withdrawal(github, repository, rollback)):
        acts = (withdrawn_act(rollback, withdrawal), *acts)
    withdrawn = (each for each in acts if each.kind is ActKind.ROLLBACK_WITHDRAWN and each.release)
    return [each.moment for each in withdrawn if each.release and each.release.content == content]
