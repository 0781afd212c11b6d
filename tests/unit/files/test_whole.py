"""A file is there whole or as it was, and an error says which path and why."""

import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wavegate.errors import InputError, OutputError
from wavegate.files.new_files import write_new
from wavegate.files.whole import WholeFile, write_whole


def identity(path: Path) -> tuple[int, int, int]:
    """What a replaced file would change; reading it changes the access time alone."""
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_mtime_ns


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """A limit on the size of every file that this process writes: beyond it, writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_new_file_has_the_usual_mode_and_its_folders_are_made(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    path = tmp_path / "a" / "b" / "file"
    write_whole(path, b"text")
    assert (path.read_bytes(), names(path.parent), mode(path)) == (b"text", ["file"], mode(usual))


@pytest.mark.parametrize("older", [None, 0o640, 0o666])
def test_the_mode_of_an_older_file_is_kept_unless_the_new_one_is_a_secret(tmp_path: Path, older: int | None) -> None:
    path, secret = tmp_path / "file", tmp_path / "kept" / "secret"
    if older is not None:
        secret.parent.mkdir(mode=0o700)
        for each in (path, secret):
            each.write_text("older")
            each.chmod(older)
    write_whole(path, b"text")
    write_whole(secret, b"text", private=True)
    assert older is None or mode(path) == older
    assert (mode(secret), mode(secret.parent)) == (0o600, 0o700)


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    elsewhere, path, dangling = tmp_path / "authorized_keys", tmp_path / "package.xml", tmp_path / "dangling"
    elsewhere.write_text("keys")
    path.symlink_to(elsewhere)
    dangling.symlink_to(tmp_path / "nowhere")
    write_whole(path, b"text")
    write_whole(dangling, b"text")
    assert elsewhere.read_text() == "keys"
    assert [(each.is_symlink(), each.read_text()) for each in (path, dangling)] == [(False, "text")] * 2
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["folder", "link to a folder", "pipe", "link to a device"])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "place"
    make: dict[str, Callable[[], None]] = {
        "folder": path.mkdir,
        "link to a folder": lambda: path.symlink_to(tmp_path),
        "pipe": lambda: os.mkfifo(path),
        "link to a device": lambda: path.symlink_to("/dev/null"),
    }
    make[kind]()
    before = identity(path)
    with pytest.raises(InputError, match="place is not a regular file") as error:
        write_whole(path, b"text")
    assert error.value.fix
    assert (identity(path), names(tmp_path)) == (before, ["place"])


@pytest.mark.parametrize("size", [10, 10_000_000])
def test_a_full_disk_leaves_the_older_file_and_nothing_else(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_text("older")
    # a little is in the stream's buffer until the end, much is written at once
    with disk_of(5), pytest.raises(OutputError) as error:
        write_whole(path, b"x" * size)
    assert error.value.message == f"{path} cannot be written: File too large."
    assert "space on the disk" in error.value.fix
    assert (path.read_text(), names(tmp_path)) == ("older", ["file"])


def test_a_file_that_lost_a_line_does_not_take_its_name(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with WholeFile(path) as file:
        with disk_of(5), pytest.raises(OutputError):
            file.write(b"x" * 10_000_000)
        file.write(b"more")
    assert names(tmp_path) == []


def test_an_error_or_an_interruption_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("older")
    for interruption in (RuntimeError, KeyboardInterrupt, OSError):
        with pytest.raises(interruption), WholeFile(path) as file:
            file.write(b"half")
            raise interruption
    assert (path.read_text(), names(tmp_path)) == ("older", ["file"])


@pytest.mark.parametrize("path", ["file/below", "file/far/below"])
def test_a_folder_that_is_none_is_said_with_the_path(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        write_whole(tmp_path / path, b"text")
    assert error.value.message.startswith(f"{tmp_path / path} cannot be written: ")
    with pytest.raises(InputError, match=f"^{path} cannot be written: "):
        write_new(tmp_path, path, "text")
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said_with_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    with pytest.raises(InputError, match="file cannot be written: Permission denied"):
        write_whole(folder / "file", b"text")


def test_a_path_holds_no_command_for_the_runner(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        write_whole(tmp_path / "file" / "a\n::error::owned", b"text")
    assert "\n" not in error.value.message


def test_the_content_is_on_disk_before_the_name_and_the_name_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced, sync = tmp_path / "file", [], os.fsync

    def note(handle: int) -> None:
        sync(handle)
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", note)
    write_whole(path, b"text")
    assert synced == [(False, False), (True, True)]


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with WholeFile(path) as first:
        first.write(b"first ")
        with WholeFile(path) as second:
            second.write(b"second")
        first.write(b"and whole")
    assert (path.read_bytes(), names(tmp_path)) == (b"first and whole", ["file"])
