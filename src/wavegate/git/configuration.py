"""The part of a checkout's own git configuration that counts: facts about the repository, and nothing that can run.

What is not listed here does not exist for git, so a setting that is yet to be invented cannot run a program either.
The configuration of the user and of the machine is not touched.
"""

import re
from collections.abc import Iterator

_SCOPES = {"local", "worktree"}
_FACTS = re.compile(
    r"""
    core\.(repositoryformatversion | bare | filemode | symlinks | ignorecase | precomposeunicode | autocrlf | eol
        | safecrlf | checkstat | trustctime | sparsecheckout | sparsecheckoutcone | sharedrepository
        | logallrefupdates)
    | index\.(version | sparse | skiphash)
    | extensions\.(objectformat | compatobjectformat | refstorage | partialclone | preciousobjects)
    | remote\..+\.(url | promisor | partialclonefilter)
    # how actions/checkout leaves its token, for one server
    | http\.https?://[^/@\s]+/\.extraheader
    | (user | author | committer)\.(name | email)
    """,
    re.VERBOSE | re.DOTALL,
)
_LFS = {
    "filter.lfs.clean": "git-lfs clean -- %f",
    "filter.lfs.smudge": "git-lfs smudge -- %f",
    "filter.lfs.process": "git-lfs filter-process",
    "filter.lfs.required": "true",
}
"""What `git lfs install --local` writes, as actions/checkout calls it. It names the machine's own git-lfs."""


def own_settings(listing: str) -> str:
    """The file of a configuration that has only what counts of a checkout's.

    listing: the output of `git config --list -z --show-scope`.
    """
    return "".join(_lines(key, value) for key, value in _entries(listing) if counts(key, value))


def counts(key: str, value: str | None) -> bool:
    """Whether a setting of a checkout is honoured. key: as git prints it. value: None for a key without one."""
    return bool(_FACTS.fullmatch(key)) or (value is not None and _LFS.get(key) == value)


def _entries(listing: str) -> Iterator[tuple[str, str | None]]:
    fields = listing.split("\0")[:-1]
    for scope, setting in zip(fields[::2], fields[1::2], strict=True):
        if scope in _SCOPES:
            key, has_value, value = setting.partition("\n")
            yield key, value if has_value else None


def _lines(key: str, value: str | None) -> str:
    section, _, rest = key.partition(".")
    subsection, _, name = rest.rpartition(".")
    head = f'{section} "{_escape(subsection)}"' if subsection else section
    if value is None:
        return f"[{head}]\n\t{name}\n"
    quoted = _escape(value).replace("\n", "\\n").replace("\t", "\\t")
    return f'[{head}]\n\t{name} = "{quoted}"\n'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
