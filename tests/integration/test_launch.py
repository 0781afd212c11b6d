"""launch.py on its own: a small product, an index that is a folder of wheels, and no network."""

import ast
import base64
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

LAUNCH = Path(__file__).resolve().parents[2] / "launch.py"
BASE_PYTHON = Path(sys.base_prefix) / "bin" / "python3"
ENTRY = """
import os, sys
import greeting
def main():
    print(greeting.TEXT, *sys.argv[1:])
    return int(os.environ.get("ENTRY_RESULT", "0"))
"""


@dataclass
class Product:
    """A product with launch.py, one locked dependency, and a command that prints what that dependency holds."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        """Where installations go."""
        return self.folder / "cache"

    def installations(self) -> list[Path]:
        """What is in the cache, finished or not."""
        return sorted(self.cache.iterdir()) if self.cache.exists() else []

    def command(self, python: Path | str = sys.executable) -> list[str]:
        """What an action runs."""
        return [str(python), "-I", "-X", "utf8", str(self.folder / "launch.py"), "greet", "all"]

    def run(self, python: Path | str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command, in a folder of its own."""
        caller = self.folder / "caller"
        caller.mkdir(exist_ok=True)
        return subprocess.run(
            self.command(python), cwd=caller, env={**self.environment, **environment}, capture_output=True, text=True
        )


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """A product whose dependency can be installed."""
    entry = tmp_path / "src" / "wavegate" / "__main__.py"
    entry.parent.mkdir(parents=True)
    entry.write_text(ENTRY)
    (tmp_path / "launch.py").write_bytes(LAUNCH.read_bytes())
    wheel = make_wheel(tmp_path / "index", "greeting", "TEXT = 'hello'\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.lock").write_text(f"greeting==1.0 --hash=sha256:{digest}\n")
    index = str(tmp_path / "index")
    return Product(
        tmp_path,
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "WAVEGATE_CACHE": str(tmp_path / "cache"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": index,
            "UV_OFFLINE": "1",
            "UV_FIND_LINKS": index,
            "UV_CACHE_DIR": str(tmp_path / "uv"),
        },
    )


def make_wheel(folder: Path, name: str, source: str) -> Path:
    """A wheel with one module."""
    folder.mkdir(exist_ok=True)
    about = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": source,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={record_digest(text)},{len(text)}\n" for path, text in files.items())
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in (*files.items(), (f"{about}/RECORD", f"{record}{about}/RECORD,,\n")):
            archive.writestr(path, text)
    return wheel


def record_digest(text: str) -> str:
    """A digest as a wheel's RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def without_uv(product: Product) -> str:
    """A PATH that has no uv."""
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "uv").exists()]
    return os.pathsep.join([*folders, str(product.folder / "nothing")])


def test_the_first_run_installs_and_the_next_ones_only_run(product: Product) -> None:
    first, second = product.run(ENTRY_RESULT="5"), product.run(ENTRY_RESULT="5")
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (5, "hello greet all\n")
    assert "installing" in first.stderr
    assert second.stderr == ""
    (installed,) = product.installations()
    assert list(installed.rglob("greeting*.pyc")), "imports would compile at every start of a read-only cache"


def test_pip_installs_where_uv_is_missing(product: Product) -> None:
    done = product.run(BASE_PYTHON, PATH=without_uv(product))
    assert (done.returncode, done.stdout) == (0, "hello greet all\n"), done.stderr
    (installed,) = product.installations()
    assert list(installed.rglob("greeting*.pyc"))


def test_the_lock_and_the_interpreter_name_the_installation(product: Product) -> None:
    product.run()
    lock = product.folder / "requirements.lock"
    lock.write_text(lock.read_text() + "# another\n")
    assert product.run().returncode == 0
    assert len(product.installations()) == 2


def test_many_that_start_at_once_leave_one_installation(product: Product) -> None:
    started = [
        subprocess.Popen(
            product.command(), env=product.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for _ in range(4)
    ]
    for process in started:
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, b"hello greet all\n")
    assert len(product.installations()) == 1


def test_what_a_crash_left_is_swept_and_what_is_being_made_is_not(product: Product) -> None:
    for name, age in ((".making-crashed", 7200), (".making-now", 60)):
        (product.cache / name / "site").mkdir(parents=True)
        os.utime(product.cache / name, (time.time() - age,) * 2)
    assert product.run().returncode == 0
    assert [path.name for path in product.installations() if path.name.startswith(".")] == [".making-now"]


def test_an_installation_that_is_not_whole_is_replaced(product: Product) -> None:
    product.run()
    (installed,) = product.installations()
    (installed / "greeting.py").write_text("TEXT = 'broken'\n")
    assert product.run().stdout == "hello greet all\n"
    assert product.installations() == [installed]


def launcher(product: Product) -> ModuleType:
    """The product's launch.py as a module."""
    spec = importlib.util.spec_from_file_location("launch", product.folder / "launch.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def poison(product: Product, cache: Path) -> Path:
    """An installation as anybody can make it: under the right name, with the right record, and other code."""
    launch = launcher(product)
    installed: Path = cache / launch.installation_name()
    installed.mkdir(parents=True)
    (installed / "greeting.py").write_text("TEXT = 'poisoned'\n")
    launch.protect(installed)
    return installed


def own_cache(product: Product) -> list[Path]:
    """Installations in the user's own cache."""
    return list((product.folder / "home" / ".cache" / "wavegate").iterdir())


def test_an_installation_in_a_place_of_the_users_own_is_used(product: Product) -> None:
    poison(product, product.cache)
    assert product.run().stdout == "poisoned greet all\n", "otherwise the tests below show nothing"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
@pytest.mark.parametrize(
    ("variable", "owned"),
    [("RUNNER_TOOL_CACHE", "cache"), ("RUNNER_TOOL_CACHE", "parent"), ("WAVEGATE_CACHE", "site")],
)
def test_code_that_another_user_owns_is_not_run(product: Product, variable: str, owned: str) -> None:
    cache = product.folder / "shared" / "wavegate"
    site = poison(product, cache)
    os.chown({"cache": cache, "site": site, "parent": cache.parent}[owned], 12345, 12345)
    given = {"WAVEGATE_CACHE": "", variable: str(cache if variable == "WAVEGATE_CACHE" else cache.parent)}
    first, second = product.run(**given), product.run(**given)
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, "hello greet all\n")
    assert f"not using {cache}, because" in first.stderr
    assert "belongs to user 12345" in first.stderr
    assert not second.stderr, "the user's own cache has it now"
    assert len(own_cache(product)) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_the_owner_of_the_launcher_is_trusted_as_in_a_container_of_the_runner(product: Product) -> None:
    site = poison(product, product.cache)
    for path in (product.folder / "launch.py", product.cache, site):
        os.chown(path, 12345, 12345)
    assert launcher(product).exposure(product.cache, site) == ""


def test_code_that_another_user_may_change_is_not_run(product: Product) -> None:
    poison(product, product.cache)
    product.cache.chmod(0o777)
    done = product.run()
    assert (done.returncode, done.stdout) == (0, "hello greet all\n")
    assert f"not using {product.cache}, because other users may change {product.cache}" in done.stderr
    assert len(own_cache(product)) == 1


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o1777])
@pytest.mark.parametrize("place", ["cache", "site"])
def test_cache_and_installation_are_for_their_owner_alone_to_write(product: Product, mode: int, place: str) -> None:
    site = poison(product, product.cache)
    exposed = {"cache": product.cache, "site": site}[place]
    exposed.chmod(mode)
    assert launcher(product).exposure(product.cache, site) == f"other users may change {exposed}"


@pytest.mark.parametrize(
    ("mode", "group", "is_safe"),
    [
        (0o755, None, True),
        (0o777, None, False),
        (0o1777, None, True),
        pytest.param(0o775, 0, True, marks=pytest.mark.skipif(os.geteuid() != 0, reason="chown")),
        pytest.param(0o775, 12345, False, marks=pytest.mark.skipif(os.geteuid() != 0, reason="chown")),
    ],
)
def test_a_folder_above_the_cache_must_keep_others_from_replacing_it(
    product: Product, mode: int, group: int | None, *, is_safe: bool
) -> None:
    above = product.folder / "above"
    site = poison(product, above / "cache")
    if group is not None:
        os.chown(above, 0, group)
    above.chmod(mode)
    assert (launcher(product).exposure(site.parent, site) == "") == is_safe


def test_a_link_in_place_of_the_cache_is_judged_by_where_it_leads(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = poison(product, product.folder / "elsewhere")
    site.parent.chmod(0o777)
    product.cache.symlink_to(site.parent)
    monkeypatch.setenv("WAVEGATE_CACHE", str(product.cache))
    launch = launcher(product)
    cache = launch.cache_folders()[0]
    assert launch.exposure(cache, cache / site.name) == f"other users may change {site.parent}"


def test_nothing_that_is_installed_can_be_changed_by_others_whatever_the_umask(product: Product) -> None:
    subprocess.run(["sh", "-c", 'umask 0; exec "$@"', "sh", *product.command()], env=product.environment, check=True)
    (installed,) = product.installations()
    loose = [path for path in (product.cache, installed, *installed.rglob("*")) if path.stat().st_mode & 0o022]
    assert loose == []
    assert product.run().stderr == ""


@pytest.mark.parametrize("damage", ["changed", "lost", "empty record", "no record", "times"])
def test_an_installation_is_used_as_long_as_its_code_is_what_was_installed(product: Product, damage: str) -> None:
    site = poison(product, product.cache)
    module, launch = site / "greeting.py", launcher(product)
    assert launch.is_unchanged(site)
    match damage:
        case "changed":
            module.write_text(module.read_text().upper())
            os.utime(module, ns=(0, 0))
        case "lost":
            module.unlink()
        case "empty record":
            (site / ".complete").write_text("")
        case "no record":
            (site / ".complete").write_text("not a record\n")
        case _:
            # a copy, such as a layer of a container's image, may not keep them
            os.utime(module, ns=(0, 0))
    assert launch.is_unchanged(site) == (damage == "times")


@pytest.mark.parametrize("in_actions", [True, False])
def test_without_an_index_nothing_is_left_and_the_message_says_what_failed(
    product: Product, *, in_actions: bool
) -> None:
    for wheel in (product.folder / "index").iterdir():
        wheel.unlink()
    done = product.run(BASE_PYTHON, **({"GITHUB_ACTIONS": "true"} if in_actions else {}))
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    said = done.stdout if in_actions else done.stderr
    assert "could not be installed" in said
    assert "pip install" in said
    assert "package index" in said
    assert done.stdout.startswith("::error title=wavegate::") == in_actions
    assert product.installations() == []


def test_a_file_of_another_digest_is_refused(product: Product) -> None:
    make_wheel(product.folder / "index", "greeting", "TEXT = 'evil'\n")
    done = product.run(BASE_PYTHON)
    assert (done.returncode, done.stdout) == (4, "")
    assert product.installations() == []


def test_a_cache_that_cannot_be_written_is_passed_over_with_a_word(product: Product) -> None:
    blocked = product.folder / "blocked"
    blocked.write_text("a file where the folder should be")
    temporary = product.folder / "job"
    done = product.run(WAVEGATE_CACHE=str(blocked), HOME=str(blocked), RUNNER_TEMP=str(temporary))
    assert (done.returncode, done.stdout) == (0, "hello greet all\n")
    assert f"not using {blocked}, because it cannot be written: File exists." in done.stderr
    assert len(list((temporary / "wavegate").iterdir())) == 1


def test_a_machine_where_nothing_can_be_kept_still_runs_and_leaves_nothing(product: Product) -> None:
    blocked, temporary = product.folder / "blocked", product.folder / "tmp"
    blocked.write_text("a file where the folder should be")
    temporary.mkdir()
    done = product.run(WAVEGATE_CACHE=str(blocked), HOME=str(blocked), TMPDIR=str(temporary))
    assert (done.returncode, done.stdout) == (0, "hello greet all\n"), done.stderr
    assert list(temporary.iterdir()) == []


def test_the_callers_folder_gives_neither_modules_nor_settings(product: Product) -> None:
    caller = product.folder / "caller"
    caller.mkdir()
    for module in ("greeting", "hashlib", "tempfile", "wavegate", "pip"):
        (caller / f"{module}.py").write_text("raise SystemExit('imported from the caller')\n")
    (caller / "uv.toml").write_text("not = [toml\n")
    (caller / "pyproject.toml").write_text("[tool.uv]\nrequired-version = '==0.0.1'\n")
    done = product.run(
        WAVEGATE_CACHE="", XDG_CACHE_HOME="cache-of-the-caller", RUNNER_TOOL_CACHE="tools-of-the-caller"
    )
    assert (done.returncode, done.stdout) == (0, "hello greet all\n"), done.stderr
    assert not list(caller.glob("*-of-the-caller"))


@pytest.mark.parametrize("version", [(3, 7), (3, 8), (3, 10)])
def test_an_old_python_can_read_the_file_and_is_told(product: Product, version: tuple[int, int]) -> None:
    source = LAUNCH.read_text()
    ast.parse(source, feature_version=version)
    as_old = f"import sys; sys.version_info = {(*version, 0)}; exec(open({str(LAUNCH)!r}).read())"
    done = subprocess.run([sys.executable, "-c", as_old], env=product.environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "setup-python" in done.stderr


ON_WINDOWS = "import os, sys; import wavegate.__main__ as entry; os.name = 'nt'; sys.exit(entry.main(['--version']))"
LAUNCHED_ON_WINDOWS = f"import os; os.name = 'nt'; exec(open({str(LAUNCH)!r}).read())"


@pytest.mark.parametrize("code", [ON_WINDOWS, LAUNCHED_ON_WINDOWS])
def test_windows_gets_one_clear_error(product: Product, code: str) -> None:
    environment = {**product.environment, "PYTHONPATH": str(LAUNCH.parent / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert not done.stdout
    assert "wavegate runs on Linux and macOS; this is another system." in done.stderr
    assert "Traceback" not in done.stderr


def test_launch_imports_the_standard_library_alone() -> None:
    for node in ast.walk(ast.parse(LAUNCH.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "wavegate"}
