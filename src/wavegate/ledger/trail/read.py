"""Read the whole history of environments from GitHub, in one paged query."""

from collections.abc import Sequence
from datetime import datetime

from wavegate.github.client import GitHub
from wavegate.ledger.reader import read_nodes
from wavegate.ledger.trail.records import record_of
from wavegate.ledger.trail.values import LedgerHistory, LedgerRecord

MAX_HISTORY_PAGES = 100
"""Pages of 100 entries, of all environments together. A longer history is cut, and says so."""


def read_history(
    github: GitHub,
    repository: str,
    environments: Sequence[str],
    *,
    since: datetime | None = None,
    pages: int = MAX_HISTORY_PAGES,
) -> LedgerHistory:
    """The entries of environments, newest first. since: older ones are left out. pages: the most to read."""
    records: list[LedgerRecord] = []
    for number, (nodes, has_more) in enumerate(read_nodes(github, repository, environments), 1):
        records += [record for node in nodes if (record := record_of(node))]
        is_past = since is not None and any(node.created_at < since for node in nodes)
        if is_past or not has_more:
            return _history(records, since, complete=True)
        if number == pages:
            break
    return _history(records, since, complete=False)


def _history(records: Sequence[LedgerRecord], since: datetime | None, *, complete: bool) -> LedgerHistory:
    kept = [each for each in records if since is None or each.recorded >= since]
    # the sort is stable: entries of the same second stay newest first, as GitHub returns them
    newest_first = sorted(kept, key=lambda each: each.recorded, reverse=True)
    return LedgerHistory(records=tuple(newest_first), complete=complete)
