"""What a `.forceignore` leaves out, as git would."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.git import git

from wavegate.components.force_ignore import ignored_by

CASES = [
    ("Secret.cls", "app/classes/Secret.cls", True),
    ("Secret.cls", "app/classes/TopSecret.cls", False),
    ("/Secret.cls", "app/Secret.cls", False),
    ("/app/*.cls", "app/A.cls", True),
    ("/app/*.cls", "app/classes/A.cls", False),
    ("app/**", "app/classes/A.cls", True),
    ("**/flows", "app/main/flows/F.flow-meta.xml", True),
    ("**/flows/**", "app/main/flows/F.flow-meta.xml", True),
    ("app/**/F.xml", "app/F.xml", True),
    ("app/**/F.xml", "app/a/b/F.xml", True),
    ("flows/", "app/flows/F.xml", True),
    ("flows/", "app/flows", False),
    ("*.xml\n!F.xml", "app/F.xml", False),
    ("flows\n!F.xml", "app/flows/F.xml", True),
    ("!F.xml\n*.xml", "app/F.xml", True),
    ("# F.xml", "app/F.xml", False),
    ("\\#F.xml", "app/#F.xml", True),
    ("F.xml   ", "app/F.xml", True),
    ("F?.xml", "app/F1.xml", True),
    ("F[0-9].xml", "app/F1.xml", True),
    ("F[!0-9].xml", "app/F1.xml", False),
    ("a.b(c", "a.b(c", True),
    ("\n\n/\n!\n", "app/F.xml", False),
    ("foo\\*bar", "app/fooXbar", False),
    ("foo\\*bar", "app/foo*bar", True),
    ("[^a]b", "app/cb", True),
    ("[^a]b", "app/ab", False),
    ("[^a]b", "app/^b", True),
    ("a\\", "app/a", False),
    ("a\\", "app/a\\", False),
    ("a\\\\", "app/a\\", True),
    ("F.xml\\ ", "app/F.xml ", True),
    ("F.xml\r\n", "app/F.xml", True),
    ("[[:digit:]].xml", "app/1.xml", True),
    ("[]-]", "app/]", True),
    ("[a", "app/[a", False),
    ("app//", "app/F.xml", False),
    ("app/F**/G", "app/Fa/b/G", True),
    ("", "app/F.cls.dup", True),
    ("", "app/.hidden/F.cls", True),
]


@pytest.mark.parametrize(("lines", "path", "out"), CASES)
def test_it_leaves_out_what_git_would(lines: str, path: str, out: bool) -> None:
    assert ignored_by(lines)(path) is out


def test_it_answers_as_git_does(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    for lines, path, _ in CASES[:-2]:
        (tmp_path / ".gitignore").write_text(lines)
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        asked = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=tmp_path, check=False)
        assert ignored_by(lines)(path) is (asked.returncode == 0), (lines, path)
        shutil.rmtree(tmp_path / "app", ignore_errors=True)


PIECES = [
    *("a", "b", "c", "foo", "/", "/", "*", "**", "***", "/**/", "**/", "/**", "?", "!", "#", " ", "-", "^", "]", "["),
    *("\\", "\\*", "\\?", "\\[", "\\a", "\\\\", "\\/", "\\ ", "\\!", "\\#"),
    *(
        "[a]",
        "[^a]",
        "[!a]",
        "[a-c]",
        "[^a-c]",
        "[c-a]",
        "[]a]",
        "[^]a]",
        "[-a]",
        "[a-]",
        "[--b]",
        "[a-c-e]",
        "[a/b]",
    ),
    *("[\\]a]", "[a\\]", "[\\a-c]", "[a-\\c]", "[]", "[!]", "[^", "[]]", "[[]", "[!/]"),
    *("[[:alpha:]]", "[^[:digit:]]", "[[:space:]b]", "[[:punct:]]", "[[:none:]]", "[[:alpha]", "[[:]", "[:alpha:]"),
]
NAMES = [
    *(
        "a",
        "b",
        "c",
        "e",
        "1",
        "foo",
        "fooa",
        "a b",
        "a ",
        " ",
        "!a",
        "#",
        "-",
        "^",
        "]",
        "[",
        "[a",
        "[]",
        "a-c",
        "*",
    ),
    *("?", "\\", "a\\", "foo\\", ":", "[a]", "[^a]b", "foo*", "abc"),
]


def test_it_answers_as_git_does_on_generated_patterns(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    generator = random.Random(7)  # noqa: S311 - the same patterns each time
    asked: dict[str, bool] = {}
    for number in range(1200):
        pattern = "".join(generator.choices(PIECES, k=generator.randint(1, 5)))
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / ".gitignore").write_text(pattern)
        for length in (1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3):
            path = "/".join(generator.choices(NAMES, k=length))
            asked[f"{number}/{path}"] = ignored_by(pattern)(path)
    out = git(tmp_path, "check-ignore", "--no-index", "-z", "--stdin", stdin="\0".join(asked).encode())
    ignored = set(out.decode().split("\0"))
    wrong = [
        ((tmp_path / path.partition("/")[0] / ".gitignore").read_text(), path)
        for path, ours in asked.items()
        if ours is not (path in ignored)
    ]
    assert wrong == []
    assert len(ignored) > 500


def test_a_hostile_line_takes_no_longer_than_others() -> None:
    path = "/".join(["a" * 60] * 60)
    assert not ignored_by("**/" * 40 + "b\n" + "*a" * 40 + "b\n" + "*[a]?" * 40 + "b")(path)
    assert not ignored_by("[" * 20_000 + "\n" + "[a" * 20_000 + "\n" + " " * 20_000 + "b")(path)
