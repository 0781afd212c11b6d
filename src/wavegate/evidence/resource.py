"""An input of a decision: a file or commit, identified by its digest."""

from wavegate.evidence.observation import Wire


class Resource(Wire, frozen=True, kw_only=True):
    """A file or commit and its digest. digest: hexadecimal, keyed by `sha256` or `gitCommit`."""

    name: str
    digest: dict[str, str]
