"""The `sfdx-project.json` of a staged folder, made from the project's own.

Source: tried with the CLI. A listed folder that does not exist, several without a default, or a single one that is
not the default stop it; without `sourceBehaviorOptions`, decomposed files have no type.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname, join, normpath
from typing import Any

from wavegate.errors import InputError

FALLBACK = "force-app"
"""The package directory of a stage without files."""
_KEPT = (
    "name",
    "namespace",
    "sourceApiVersion",
    "sourceBehaviorOptions",
    "registryCustomizations",
    "registryPresets",
)
"""Keys that decide how files are read. Others are about packaging, plugins and scratch orgs."""


def read_settings(data: bytes | None, *, file: str) -> Mapping[str, Any]:
    """The settings in a `sfdx-project.json`. InputError if it is missing or is not a JSON object."""
    try:
        settings = json.loads((data or b"").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise InputError("The file is not a JSON object.", fix="Fix the syntax here.", file=file)
    return settings


def staged_settings(
    settings: Mapping[str, Any],
    paths: Sequence[str],
    *,
    file: str,
    bundles: Sequence[str] = (),
    glob_prefix: str = "",
) -> str:
    """The text of the staged `sfdx-project.json`.

    settings, file: the project's own, and its path. paths: the staged files; bundles: those of Agent Scripts, whose
    package directory is the default, because the CLI publishes only from there. All relative to the checkout.
    glob_prefix: what to put before the globs of `replacements`.
    """
    directories = _receiving(settings, paths, dirname(file)) or {FALLBACK: FALLBACK}
    default = _default(_listed(settings, dirname(file), default=True), directories, bundles)
    text = {
        **{key: settings[key] for key in _KEPT if key in settings},
        "packageDirectories": [
            {"path": written, "default": directory == default} for directory, written in directories.items()
        ],
    }
    if entries := settings.get("replacements"):
        text["replacements"] = [_with_prefix(entry, glob_prefix) for entry in entries]
    return json.dumps(text, indent=2) + "\n"


def _receiving(settings: Mapping[str, Any], paths: Sequence[str], base: str) -> dict[str, str]:
    """The package directories that contain a file: relative to the checkout, and as they are written."""
    folders = _folders(paths)
    return {each: written for each, written in _listed(settings, base).items() if each in folders}


def _listed(settings: Mapping[str, Any], base: str, *, default: bool = False) -> dict[str, str]:
    """The package directories, or only the one that is marked as the default."""
    entries = settings.get("packageDirectories")
    found = {}
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else None
        if isinstance(path, str) and (entry.get("default") is True or not default):
            written = normpath(path.replace("\\", "/"))
            directory = normpath(join(base, written))
            found["" if directory == "." else directory] = written
    return found


def _folders(paths: Iterable[str]) -> set[str]:
    folders = {""}
    for path in paths:
        while (path := dirname(path)) and path not in folders:
            folders.add(path)
    return folders


def _default(own: Iterable[str], directories: Iterable[str], bundles: Sequence[str]) -> str | None:
    """The default package directory. own: the project's own choice."""
    for path in bundles:
        if holding := [each for each in directories if not each or path.startswith(f"{each}/")]:
            return max(holding, key=len)
    return next((each for each in (*own, *directories) if each in directories), None)


def _with_prefix(entry: Any, prefix: str) -> Any:
    glob = entry.get("glob") if isinstance(entry, dict) else None
    return {**entry, "glob": prefix + glob} if prefix and isinstance(glob, str) else entry
