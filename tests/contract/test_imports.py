"""Arrows point one way, and starting costs little."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
PACKAGE = SRC / "wavegate"

FOUNDATION = frozenset(path.stem for path in PACKAGE.glob("*.py")) - {"__main__"}
"""The top-level modules (errors, text and the like), which import nothing but each other."""
MAY_IMPORT = {
    "commands": {"commands", "core", "adapters", "report", "model", "__main__"},  # the demo runs the command line
    "report": {"report", "model"},
    "adapters": {"adapters", "model"},
    "core": {"core", "model"},
    "model": {"model"},
}
"""Layer to the layers that it may import; each may import the foundation."""

FORBIDDEN_IN_CORE = frozenset({
    "asyncio", "http", "io", "os", "random", "secrets", "shutil", "socket", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "requests", "click", "yaml", "ruamel", "jsonschema",
})  # fmt: skip
FORBIDDEN_CALLS_IN_CORE = frozenset({"open", "print", "input", "Path"})
CLOCKS = frozenset({"now", "utcnow", "today"})

LOADED_AT_START = frozenset({"click", "wavegate", "wavegate.__main__", "wavegate.errors"})
"""What the command line loads before it knows its command, beside the standard library and click's own modules."""

SOURCES = sorted(PACKAGE.rglob("*.py"))


def layer(module: str) -> str:
    """The layer of a `wavegate…` module; a top-level module is its own."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(path: Path) -> set[str]:
    """Absolute names of the modules that a file imports, wherever in the file it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "wavegate" else {module}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(SRC).as_posix())
def test_a_module_imports_only_below_its_layer(path: Path) -> None:
    own = layer(".".join(path.relative_to(SRC).with_suffix("").parts))
    if own == "__main__":
        return  # it starts every layer, and the next tests say what it may load
    used = {layer(module) for module in imported(path) if module.split(".")[0] == "wavegate"} - {"__version__"}
    assert used <= MAY_IMPORT.get(own, set()) | FOUNDATION


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_is_pure(path: Path) -> None:
    assert not {module.split(".")[0] for module in imported(path)} & FORBIDDEN_IN_CORE
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS_IN_CORE, f"line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, f"line {node.lineno}"


def test_starting_loads_click_and_nothing_heavy() -> None:
    code = "import sys, wavegate.__main__; print('\\n'.join(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.split(".")[0] == "wavegate"}
    third_party = {name.split(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"__main__", "wavegate"}
    # a package of the environment may have a .pth file that imports at every start: that is not ours
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ours | (third_party - set(bare.stdout.split())) == LOADED_AT_START


def test_what_is_imported_is_declared_and_locked() -> None:
    provided = {"yaml": "pyyaml", "_yaml": "pyyaml", "ruamel": "ruamel.yaml"}
    outside = {name.partition(".")[0] for path in SOURCES for name in imported(path)} - sys.stdlib_module_names
    used = {provided.get(name, name) for name in outside - {"wavegate"}}
    root = SRC.parent
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {requirement.partition(">=")[0] for requirement in project["dependencies"]}
    assert used <= declared
    assert declared == set((root / "requirements.in").read_text().split())
    locked = re.findall(r"(?m)^([a-z0-9-]+)==", (root / "requirements.lock").read_text())
    assert {name.replace(".", "-") for name in declared} <= set(locked)
