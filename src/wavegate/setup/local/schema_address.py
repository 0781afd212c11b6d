"""Moves the address of the schema that editors load for a manifest or a pack to another release."""

import re
from collections.abc import Iterator
from pathlib import Path

from wavegate.files.document import MAX_BYTES
from wavegate.release.folder import FOLDER, manifest_paths, pack_paths, read_file
from wavegate.setup.local.outcome import FileUpdate, UpdateOutcome
from wavegate.setup.starter import SCHEMAS

_BASE = re.escape(SCHEMAS.partition("main/")[0])
_ADDRESS = re.compile(
    rf"(?P<before>\$schema[\"']?[ \t]*[=:][ \t]*[\"']?{_BASE})(?P<ref>[0-9a-f]{{40}}|v\d[\w.+-]*)(?=/schemas/)"
)


def move_schema(text: str, commit: str, version: str) -> str:
    """The text with its schema at the new release; a branch, such as `main`, moves by itself and stays.

    version: of the release, for an address that has one instead of a commit; '' if it has none yet.
    """

    def moved(match: re.Match[str]) -> str:
        if match["ref"].startswith("v"):
            return f"{match['before']}v{version}" if version else match[0]
        return f"{match['before']}{commit}"

    return _ADDRESS.sub(moved, text)


def schema_updates(root: Path, manifest: str, commit: str, version: str) -> Iterator[FileUpdate]:
    """The release files whose address moves, with their texts exactly as in the file.

    manifest: path of one outside of `agentforce/`, or ''. commit, version: as in `move_schema`.
    """
    for path in _paths(root, manifest):
        data = read_file(root, path)
        text = data.decode("utf-8", "surrogateescape")
        if len(data) <= MAX_BYTES and (after := move_schema(text, commit, version)) != text:
            yield FileUpdate(path=path, outcome=UpdateOutcome.MOVED, before=text, after=after)


def _paths(root: Path, manifest: str) -> list[str]:
    """Paths of the release files. What is behind a link is not this release's to change."""
    manifests = [*manifest_paths(root), *filter(None, [manifest])]
    folders = {FOLDER, *(path.rpartition("/")[0] for path in manifests)}
    found = {*manifests, *(path for folder in folders for path in pack_paths(root, folder))}
    inside = root.resolve()
    return [path for path in sorted(found) if (root / path).resolve() == inside / path]
