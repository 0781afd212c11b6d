"""Makes the staged folder: a copy of exactly what a deployment sends, in which the Salesforce CLI is started.

Without it, the CLI sends more than its manifest names: every version of an agent, the whole object of a field. Files
keep their paths relative to the checkout, so that package directories and `replacements` mean the same files. The
`.forceignore` is empty, because the project's was applied when it was indexed; without one, the CLI would take one of
a folder above.
"""

import hashlib
import os
import posixpath
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from wavegate.components.component import Component, Project
from wavegate.components.force_ignore import FILE as FORCE_IGNORE
from wavegate.components.package_file import NAME as PACKAGE
from wavegate.components.package_xml import package_xml
from wavegate.errors import InputError
from wavegate.files.source import PROJECT_FILE, Source
from wavegate.files.whole import unwritable
from wavegate.staging.contents import read_sent
from wavegate.staging.replacements import Replacement, applying, read_replacements
from wavegate.staging.sent import sent_files
from wavegate.staging.settings import FALLBACK, read_settings, staged_settings
from wavegate.staging.values import StagedRelease
from wavegate.text import one_line

_GENERATED = frozenset({PROJECT_FILE, FORCE_IGNORE})
_MANIFEST = re.compile(r"[A-Za-z][A-Za-z0-9-]*\.xml")


def stage_release(
    source: Source,
    project: Project,
    components: Iterable[Component],
    folder: Path,
    *,
    manifests: Mapping[str, str] | None = None,
    checkout: Path | None = None,
) -> StagedRelease:
    """Stage the components of a release in a folder, replacing an earlier stage. Only this user may read it.

    source, project: of the commit. manifests: further manifests by file name, such as one of deletions. checkout: the
    work tree, for files that Git LFS keeps. If anything fails, an earlier stage is unchanged.
    InputError: a component cannot be sent as it is, or the folder cannot be written.
    """
    if project.file is None:
        raise InputError("There is no sfdx-project.json to stage a release from.", fix="Name its folder with --root.")
    shipped = sorted((each for each in components if each.parent is None), key=lambda each: each.id)
    files = sent_files(shipped)
    settings = read_settings(source.read([project.file]).get(project.file), file=project.file)
    replacements = applying(read_replacements(settings, file=project.file), list(files))
    inserted = _inserted(source, replacements, project.file)
    generated = {PACKAGE: package_xml(shipped, project.api_version), **(manifests or {})}
    _check_manifests(generated)
    bundles = [path for path, each in files.items() if each.id.type == "AiAuthoringBundle"]
    base = posixpath.dirname(project.file)
    text = staged_settings(
        settings, list(files), file=project.file, bundles=bundles, glob_prefix=_glob_prefix(folder.absolute())
    )
    with _Replacing(folder) as stage:
        digests = {path: stage.write(path, data) for path, data in read_sent(source, list(files), checkout)}
        for path, data in inserted.items():
            if path not in digests:
                stage.write(path, data)
        if not files:
            # the CLI needs a package directory even if it only deletes
            stage.make(posixpath.join(base, FALLBACK))
        for name, content in {PROJECT_FILE: text, FORCE_IGNORE: "", **generated}.items():
            stage.write(posixpath.join(base, name), content.encode())
    place = folder.absolute() / base
    return StagedRelease(
        root=folder.absolute(),
        folder=place,
        package=place / PACKAGE,
        manifests={name: place / name for name in generated},
        members=frozenset(each.id for each in shipped),
        files=digests,
        digest=_digest(digests),
        replacements=replacements,
    )


def _digest(files: Mapping[str, str]) -> str:
    lines = (f"{digest} ".encode() + os.fsencode(path) + b"\0" for path, digest in sorted(files.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _inserted(source: Source, replacements: Iterable[Replacement], file: str) -> dict[str, bytes]:
    """The contents of the files that `replacements` insert into shipped ones, by path."""
    found = {}
    for each in replacements:
        if each.file is None:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), each.file))
        data = source.read([path]).get(path)
        if data is None and each.when:
            # the condition may not hold anywhere; where it does, the CLI stops
            continue
        found[path] = _insertable(each, path, data, file)
    return found


def _insertable(entry: Replacement, path: str, data: bytes | None, file: str) -> bytes:
    name = one_line(entry.file or "", 200)
    if data is None or not data.strip():
        raise InputError(
            f"`replaceWithFile` names {name}, which the commit does not have, or which is empty.",
            fix="Commit the file, or correct the path.",
            file=file,
        )
    if posixpath.basename(path) in _GENERATED or {".sf", ".sfdx"} & set(path.split("/")):
        raise InputError(
            f"`replaceWithFile` names {name}, which configures the CLI.", fix="Use another file.", file=file
        )
    return data


def _glob_prefix(root: Path) -> str:
    """What makes a glob of `replacements` match below root.

    The CLI puts `**/` before a glob, which matches no folder whose name starts with a dot.
    """
    parts = root.parts[1:]
    hidden = next((at for at, part in enumerate(parts) if part.startswith(".")), None)
    if hidden is None:
        return ""
    return "".join(re.sub(r"([\\*?\[\]{}()!+@,|])", r"\\\1", part) + "/" for part in parts[hidden:]) + "**/"


def _check_manifests(names: Iterable[str]) -> None:
    for name in names:
        if not _MANIFEST.fullmatch(name):
            raise AssertionError(f"{name} is not the name of a manifest")


class _Replacing:
    """Writes a folder aside, and puts it in place of an earlier one when the context ends without an error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._aside = self._folder.with_name(f"{self._folder.name}.new")
        self._known: set[str] = set()

    def __enter__(self) -> Self:
        try:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # a killed run may have left one behind
            shutil.rmtree(self._aside, ignore_errors=True)
            self._aside.mkdir(mode=0o700)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        return self

    def write(self, path: str, data: bytes) -> str:
        """Write one file. path: POSIX, relative. Returns its SHA-256 in hexadecimal."""
        _check_path(path)
        try:
            self.make(posixpath.dirname(path))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(self._aside / path, flags, 0o600), "wb") as stream:
                stream.write(data)
        except (OSError, ValueError) as error:
            raise _refused(path, error) from None
        return hashlib.sha256(data).hexdigest()

    def make(self, folder: str) -> None:
        """Create a folder. path: POSIX, relative."""
        if folder not in self._known:
            (self._aside / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._known.add(folder)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._place()
        except OSError as error:
            raise unwritable(self._folder, error) from None
        finally:
            shutil.rmtree(self._aside, ignore_errors=True)

    def _place(self) -> None:
        if self._folder.is_symlink() or self._folder.is_file():
            self._folder.unlink()
        elif self._folder.exists():
            earlier = self._folder.with_name(f"{self._folder.name}.old")
            shutil.rmtree(earlier, ignore_errors=True)
            self._folder.rename(earlier)
            shutil.rmtree(earlier, ignore_errors=True)
        self._aside.rename(self._folder)


def _check_path(path: str) -> None:
    if path.startswith("/") or not set(path.split("/")).isdisjoint({"", ".", ".."}) or "\0" in path:
        raise InputError(f"{one_line(path, 300)} is not a path inside the checkout.", fix="Rename it.")


def _refused(path: str, error: OSError | ValueError) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return InputError(
        f"{one_line(path, 300)} cannot be staged: {reason}.",
        fix="Check that the disk has space left, and that no other file differs from it only in case.",
        file=path,
    )
