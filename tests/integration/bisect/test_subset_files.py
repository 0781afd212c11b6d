"""The files of subsets, written into copies of a checkout: exactly what git has at each end."""

from pathlib import Path

import pytest
from tests.support.git import commit, git, start

from wavegate.bisect.read import SubsetFiles, read_side
from wavegate.bisect.units import change_units
from wavegate.bisect.values import BisectSide, ChangeUnit
from wavegate.errors import InputError
from wavegate.git.repository import Git
from wavegate.smoke.variants.checkout_copy import CheckoutCopy

MANIFEST = b"release: wave\nenvironments:\n  - name: uat\n"
PROJECT = {
    "sfdx-project.json": b'{"packageDirectories": [{"path": "force-app"}]}',
    "agentforce/release.yml": MANIFEST,
    "force-app/a.txt": b"a",
    "force-app/thing": b"a file",
    "force-app/folder/inner.txt": b"inner",
    "force-app/gone/deep/x.txt": b"x",
    "force-app/crlf.txt": b"a\r\nb\r\n",
    "force-app/caf\u00e9 \u202e`$(x)`.txt": b"odd",
    "smoke/run.py": b"print()",
}


class Copied:
    """A checkout with a good and a bad release, and copies of it."""

    def __init__(self, root: Path, *, sub: str = "") -> None:
        self.root = root / sub if sub else root
        self._sub = f"{sub}/" if sub else ""
        self.good = start(root, {self._sub + path: data for path, data in PROJECT.items()}, "good")

    def change(self) -> None:
        for path in ("thing", "folder/inner.txt", "gone/deep/x.txt"):
            (self.root / "force-app" / path).unlink()
        (self.root / "force-app" / "folder").rmdir()
        (self.root / "force-app" / "run.sh").write_bytes(b"#!/bin/sh\n")
        (self.root / "force-app" / "run.sh").chmod(0o755)
        (self.root / "force-app" / "link").symlink_to("a.txt")
        top = self.root.parent if self._sub else self.root
        files = {"force-app/thing/now.txt": b"a folder", "force-app/folder": b"now a file", "force-app/a.txt": b"b"}
        self.bad = commit(top, {self._sub + path: data for path, data in files.items()}, "bad")

    def read(self) -> tuple[SubsetFiles, tuple[ChangeUnit, ...]]:
        repository = Git(self.root)
        good, bad = (
            read_side(repository, BisectSide(name=each, commit=each), "agentforce/release.yml", "uat")
            for each in (self.good, self.bad)
        )
        units = change_units(good, bad)
        return SubsetFiles(repository, good, bad, units), units

    def at(self, revision: str) -> dict[str, tuple[str, bytes]]:
        """Mode and content of each file of the project at a commit."""
        found = {}
        for line in git(self.root, "ls-tree", "-r", "-z", revision, "--", "force-app").split(b"\0")[:-1]:
            head, _, name = line.partition(b"\t")
            mode, _, sha = head.decode().split()
            path = name.decode()
            found[path] = (mode, git(self.root, "cat-file", "blob", sha))
        return found


def held(folder: Path) -> dict[str, tuple[str, bytes]]:
    found = {}
    for path in sorted((folder / "force-app").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("120000", str(path.readlink()).encode())
        elif path.is_file():
            found[name] = ("100755" if path.stat().st_mode & 0o100 else "100644", path.read_bytes())
    return found


@pytest.mark.parametrize("sub", ["", "projects/agent"])
def test_a_copy_is_exactly_what_each_release_has_wherever_the_checkout_stands(tmp_path: Path, sub: str) -> None:
    copied = Copied(tmp_path / "repository", sub=sub.partition("/")[0])
    copied.change()
    files, units = copied.read()
    everything = [each.id for each in units]
    for checked_out in (copied.bad, copied.good):
        git(copied.root, "checkout", "--quiet", checked_out)
        (copied.root / "force-app" / "untracked.txt").write_text("left over")
        for revision, changes in ((copied.good, []), (copied.bad, everything)):
            with CheckoutCopy(copied.root, lambda _: None) as copy:
                files.write(changes, copy)
                assert held(copy.folder) == copied.at(revision)
                assert (copy.folder / "smoke" / "run.py").read_bytes() == b"print()"
                assert not (copy.folder / ".git").exists()
        (copied.root / "force-app" / "untracked.txt").unlink()
    assert {"force-app/thing", "force-app/thing/now.txt"} <= {path for each in units for path in each.files}


def test_every_prefix_of_the_units_can_be_written(tmp_path: Path) -> None:
    copied = Copied(tmp_path / "repository")
    copied.change()
    files, units = copied.read()
    for count in range(len(units) + 1):
        with CheckoutCopy(copied.root, lambda _: None) as copy:
            files.write([each.id for each in units[:count]], copy)
            assert held(copy.folder).keys() == {
                path for path in files.of([each.id for each in units[:count]]) if path.startswith("force-app/")
            }


def test_a_link_out_of_the_checkout_is_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    copied = Copied(tmp_path / "repository")
    copied.change()
    files, units = copied.read()
    # the work tree has a link where the release has a folder
    (copied.root / "force-app" / "thing" / "now.txt").unlink()
    (copied.root / "force-app" / "thing").rmdir()
    (copied.root / "force-app" / "thing").symlink_to(outside)
    with CheckoutCopy(copied.root, lambda _: None) as copy:
        try:
            files.write([each.id for each in units], copy)
        except InputError as error:
            assert "leads out of the checkout" in error.message
        else:
            assert held(copy.folder) == copied.at(copied.bad)
    assert list(outside.iterdir()) == []
