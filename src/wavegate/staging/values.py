"""A release as it lies in its staged folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.components.component import ComponentId
from wavegate.staging.replacements import Replacement


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedRelease:
    """A folder with exactly what a deployment sends.

    root: mirrors the checkout's folder structure. folder: the Salesforce project inside it, in which `sf` is started.
    package: the package manifest. manifests: every manifest beside it, by file name. members: what the package lists.
    files: SHA-256 in hexadecimal of each component's file, by its path in the checkout. digest: SHA-256 over those.
    replacements: the entries of `sfdx-project.json` that change a file while the CLI sends it.
    """

    root: Path
    folder: Path
    package: Path
    manifests: Mapping[str, Path]
    members: frozenset[ComponentId]
    files: Mapping[str, str]
    digest: str
    replacements: tuple[Replacement, ...] = ()
