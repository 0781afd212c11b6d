"""Reads what the runbook is made of: the manifest, the project, and the names of the workflows."""

from pathlib import Path

from wavegate.components.closure import release_scope
from wavegate.components.component import Project
from wavegate.errors import InputError
from wavegate.release.folder import read_file
from wavegate.release.manifest import Manifest
from wavegate.runbook.page import runbook_page

_WORKFLOWS = ".github/workflows"


def read_page(root: Path, manifest: Manifest, project: Project | None, *, path: str) -> str:
    """The page for a checkout. project: None without one."""
    scopes = {}
    if project is not None:
        scopes = {each.name: release_scope(manifest, each.name, project) for each in manifest.environments}
    folder = root / _WORKFLOWS
    workflows = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return runbook_page(manifest, scopes, path=path, workflows=workflows)


def read_runbook(root: Path, path: str) -> str | None:
    """The text of the runbook's file; None if there is none. InputError: it cannot be read."""
    if not (root / path).exists():
        return None
    try:
        return read_file(root, path).decode()
    except UnicodeDecodeError as problem:
        raise InputError("The runbook is not UTF-8.", fix="Save it as UTF-8.", file=path) from problem
