"""A Salesforce project, indexed by file path; contents are read on demand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wavegate.components.component import DEFAULT_API_VERSION, Component, ComponentId, Contents, Project
from wavegate.components.force_ignore import FILE, ignored_by
from wavegate.components.known_names import KnownNames, known_names
from wavegate.components.references import read_contents, readable
from wavegate.components.types import classify
from wavegate.files.source import PROJECT_FILE, SKIPPED, Source
from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.text import visible

_BATCH = 250
"""Components whose files are in memory at the same time."""


def read_project(source: Source) -> Project:
    """Index the project in source. If there are several, the one with the shortest path is used.

    Problems with its `sfdx-project.json` are findings. Without that file, the index is empty and its `file` is None.
    """
    paths = source.paths()
    file = _project_file(paths)
    if file is None:
        return Project(file=None, components={}, read=lambda _: {})
    findings: list[Finding] = []
    settings = _settings(source, file, findings)
    directories = _package_directories(settings, file, findings) if settings is not None else []
    components = _index(_deployable(source, paths, file), directories, findings)
    namespace = _namespace(settings or {})
    return Project(
        file=file,
        components=components,
        read=_Contents(source, known_names(components, namespace)),
        api_version=_api_version(settings or {}),
        directories=tuple(directories),
        namespace=namespace,
        findings=tuple(findings),
    )


class _Contents:
    """Reads the contents of components, and keeps them."""

    def __init__(self, source: Source, known: KnownNames) -> None:
        self._source = source
        self._names = known
        self._known: dict[ComponentId, Contents] = {}

    def __call__(self, components: Iterable[Component]) -> Mapping[ComponentId, Contents]:
        requested = tuple(components)
        new = [each for each in requested if each.id not in self._known]
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            files = self._source.read(path for each in batch for path in readable(each))
            self._known.update((each.id, read_contents(each, files, self._names)) for each in batch)
        return {each.id: self._known[each.id] for each in requested}


def _project_file(paths: Sequence[str]) -> str | None:
    files = [path for path in paths if path == PROJECT_FILE or path.endswith(f"/{PROJECT_FILE}")]
    own = (path for path in files if not any(each.startswith(".") or each in SKIPPED for each in path.split("/")))
    return min(own, key=lambda path: (path.count("/"), path), default=None)


def _settings(source: Source, file: str, findings: list[Finding]) -> Mapping[str, Any] | None:
    try:
        settings = json.loads(source.read([file])[file].decode("utf-8-sig"))
    except json.JSONDecodeError as broken:
        message = f"The file is not valid JSON: {broken.msg}."
        findings.append(_finding(file, message, "Fix the syntax here.", broken.lineno, broken.colno))
        return None
    except (KeyError, ValueError, RecursionError):
        findings.append(_finding(file, "The file cannot be read as UTF-8 JSON.", "Rewrite it as UTF-8 JSON."))
        return None
    if isinstance(settings, dict):
        return settings
    findings.append(
        _finding(file, "The file is not a JSON object.", 'Write {"packageDirectories": [{"path": "force-app"}]}.')
    )
    return None


def _package_directories(settings: Mapping[str, Any], file: str, findings: list[Finding]) -> list[str]:
    """The package directories, relative to the checkout, each ending in a slash. One outside it is a finding."""
    base = file.removesuffix(PROJECT_FILE)
    directories = []
    entries = settings.get("packageDirectories")
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else None
        parts = [part for part in str(path or "").replace("\\", "/").split("/") if part not in ("", ".")]
        if not isinstance(path, str) or path.startswith("/") or ".." in parts:
            message = "A package directory has no path inside the project."
            findings.append(_finding(file, message, "Give it a path relative to this file."))
        else:
            directories.append(base + "".join(f"{part}/" for part in parts))
    if not directories and not findings:
        findings.append(_finding(file, "The file lists no package directory.", 'Add "packageDirectories".'))
    return directories


def _api_version(settings: Mapping[str, Any]) -> str:
    version = settings.get("sourceApiVersion")
    whole, _, rest = str(version).partition(".")
    return f"{whole}.0" if whole.isascii() and whole.isdigit() and rest in ("", "0") else DEFAULT_API_VERSION


def _namespace(settings: Mapping[str, Any]) -> str:
    namespace = settings.get("namespace")
    return namespace if isinstance(namespace, str) else ""


def _deployable(source: Source, paths: Sequence[str], file: str) -> Sequence[str]:
    """The paths that the `.forceignore` beside the project's file does not exclude."""
    base = file.removesuffix(PROJECT_FILE)
    lines = source.read([base + FILE]).get(base + FILE, b"") if base + FILE in paths else b""
    is_ignored = ignored_by(lines.decode("utf-8", "replace"))
    return [path for path in paths if not is_ignored(path.removeprefix(base))]


def _index(paths: Sequence[str], directories: Sequence[str], findings: list[Finding]) -> dict[ComponentId, Component]:
    files: dict[ComponentId, list[str]] = {}
    defining: dict[ComponentId, list[str]] = {}
    prefixes = tuple(sorted(directories, key=len, reverse=True))
    for path in paths:
        prefix = next((each for each in prefixes if path.startswith(each)), None)
        kind = classify(path[len(prefix) :].split("/")) if prefix is not None else None
        if kind is None:
            continue
        component, defines = kind
        if not component.name.isprintable():
            message = "This file cannot define a component: its name contains invisible characters."
            findings.append(
                error("component/unusable-name", Location(file=visible(path)), message, "Rename the file.")
            )
            continue
        files.setdefault(component, []).append(path)
        if defines:
            defining.setdefault(component, []).append(path)
    for component, definitions in defining.items():
        if len(definitions) > 1:
            message = f"Duplicate component {component}: defined here and in {definitions[0]}."
            fix = "Delete one of the two files; otherwise either one may be deployed."
            place = Location(file=definitions[1])
            findings.append(warning("component/duplicate", place, message, fix))
    return {
        component: Component(id=component, path=defining.get(component, own)[0], paths=tuple(own))
        for component, own in files.items()
    }


def _finding(file: str, message: str, fix: str, line: int = 1, column: int = 1) -> Finding:
    place = Location(file=file, line=line, column=column)
    return error("component/broken-project", place, message, fix)
