"""What one module does for all, no other does for itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "wavegate"
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
}


def calls(tree: ast.AST) -> Iterator[str]:
    """The names that a module calls, as they are written: `os.replace`, `GitHub`."""
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_one_module_makes_the_github_client_from_the_environment() -> None:
    assert [name for name, tree in TREES.items() if "GitHub" in calls(tree)] == ["github/connect.py"]
    read = [name for name, tree in TREES.items() if "'GITHUB_TOKEN'" in ast.unparse(tree)]
    assert read == ["github/connect.py"]


def test_one_module_writes_files() -> None:
    ways = ("write_text", "write_bytes", "fsync", "fdopen", "mkstemp", "hardlink_to", "NamedTemporaryFile")
    wrote = [name for name, tree in TREES.items() if any(each.rpartition(".")[2] in ways for each in calls(tree))]
    # the key that openssl reads is gone a moment later; a journal of many entries is appended to
    assert wrote == ["files/line_journal.py", "files/whole.py", "files/whole_folder.py", "salesforce/assertion.py"]
