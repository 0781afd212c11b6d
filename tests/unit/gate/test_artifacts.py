"""Which of the artifacts of several attempts of a workflow run hold its evidence."""

from pathlib import Path

import pytest

from wavegate.errors import InputError
from wavegate.gate.artifacts import artifact_folders, newest_artifacts


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ("", ""),
        ("a-1-attempt-1 a-2-attempt-1", "a-1-attempt-1 a-2-attempt-1"),
        # only the second job was run again; the first one's artifact stays in use
        ("a-1-attempt-1 a-2-attempt-1 a-2-attempt-2", "a-1-attempt-1 a-2-attempt-2"),
        ("a-2-attempt-10 a-2-attempt-9 a-2-attempt-1", "a-2-attempt-10"),
        # a release may be named like an attempt
        ("wave-attempt-1-attempt-2 wave-attempt-2-attempt-1", "wave-attempt-1-attempt-2 wave-attempt-2-attempt-1"),
    ],
)
def test_the_highest_attempt_of_each_job_counts(names: str, newest: str) -> None:
    assert newest_artifacts(names.split()) == tuple(newest.split())
    assert newest_artifacts(reversed(names.split())) == tuple(newest.split())


@pytest.mark.parametrize(
    "name", ["a-1", "a-1-attempt-", "a-attempt-0", "a-attempt-1x", "-attempt-1", "a-attempt-1\n"]
)
def test_an_artifact_of_an_unknown_attempt_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="not the name of a job's artifact"):
        newest_artifacts(["a-1-attempt-1", name])


def test_the_folders_are_those_of_the_newest_artifacts(tmp_path: Path) -> None:
    assert artifact_folders("in", root=make(tmp_path, "in")) == ("in",)
    make(tmp_path, "in/a-1-attempt-1", "in/a-1-attempt-2", "in/b-attempt-1")
    assert artifact_folders("in", root=tmp_path) == ("in/a-1-attempt-2", "in/b-attempt-1")
    whole = str(tmp_path / "in")
    assert artifact_folders(whole, root=Path("/")) == (f"{whole}/a-1-attempt-2", f"{whole}/b-attempt-1")


def test_what_is_not_an_artifact_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        artifact_folders("in", root=tmp_path)
    make(tmp_path, "in/a-attempt-1", "elsewhere")
    (tmp_path / "in/a-attempt-2").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="a-attempt-2, which is not a downloaded artifact"):
        artifact_folders("in", root=tmp_path)


def make(root: Path, *folders: str) -> Path:
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root
