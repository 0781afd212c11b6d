"""The `replacements` of a project that hold for the copies of files as they do for the files.

The Salesforce CLI finds the files of an entry by their path, which a copy does not have. Without this, a copy would
be deployed with its placeholders.
"""

import json
from collections.abc import Mapping
from typing import Any

from wavegate.staging.replacements import read_replacements
from wavegate.staging.settings import read_settings


def with_copies(data: bytes | None, originals: Mapping[str, str], *, file: str) -> bytes | None:
    """The `sfdx-project.json` with an entry for each copy that needs one; None if none does.

    originals: the path of each original by the copy's. Raises InputError for unusable settings.
    """
    settings = read_settings(data, file=file)
    entries = settings.get("replacements") or []
    rules = read_replacements(settings, file=file)
    more = [
        _for_path(entry, path)
        for entry, rule in zip(entries, rules, strict=True)
        for path, original in sorted(originals.items())
        if rule.matches(original) and not rule.matches(path)
    ]
    return json.dumps({**settings, "replacements": [*entries, *more]}, indent=2).encode() if more else None


def _for_path(entry: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {**{key: value for key, value in entry.items() if key != "glob"}, "filename": path}
