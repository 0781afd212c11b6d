"""`update` in a repository: the team's edits stay, what needs a decision is named, and nothing is half done."""

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.support.git import commit, git, start, write
from tests.support.killed import KilledError
from tests.support.places import ROOT

from wavegate import __version__
from wavegate.__main__ import main
from wavegate.files.whole import WholeFile
from wavegate.setup.local.generated import ActionsPin, generate, read_header
from wavegate.setup.own_files import reusable_workflows
from wavegate.setup.repository_setup import workflows
from wavegate.setup.values import Setup

OLD, NEW = "0a" * 20, "1b" * 20
MANIFEST = (ROOT / "tests" / "examples" / "valid" / "given" / "release.yml").read_bytes()
PROMOTE = ".github/workflows/wavegate-reusable-promote.yml"
DISABLE = ".github/workflows/wavegate-reusable-disable.yml"
FORMER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "promote": (
        ("        default: 180\n", "        default: 120\n"),
        ("    name: Plan\n", "    name: Make a plan\n"),
        ("    name: Gate\n", "    name: The gate\n"),
    ),
    "disable": (("    timeout-minutes: 10\n", "    timeout-minutes: 5\n"),),
}
"""What the release before said in each workflow: the text of today, and that of then."""
STEP = "      - run: ./tools/prepare.sh\n"
MARK = "      # yours: steps before the deployment; if one fails, nothing is deployed\n"


def formerly(name: str, source: str) -> str:
    """A workflow's source in the release before."""
    for now, then in FORMER.get(name, ()):
        assert source.count(now) == 1 or name == "promote", now
        source = source.replace(now, then, 1)
    return source


def generated(pin: ActionsPin, source: Callable[[str, str], str] = lambda _, text: text) -> dict[str, str]:
    """The local workflows by path. source: changes the sources."""
    return {
        f".github/workflows/wavegate-reusable-{name}.yml": generate(name, source(name, text), pin)
        for name, text in reusable_workflows().items()
    }


BEFORE = ActionsPin(commit=OLD, version="0.0.9")
NOW = ActionsPin(commit=NEW, version=__version__)


class Updated(NamedTuple):
    """The result of an update: exit code and everything it printed."""

    code: int
    text: str


class Repository:
    """A repository whose workflows were written by the release before."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], **setup: Any) -> None:
        self.folder, self._capsys = folder, capsys
        values = Setup(environments=("uat", "production"), commit=OLD, version="0.0.9", **setup)
        files = {**workflows(values), **(generated(values.pin, formerly) if values.local else {})}
        start(folder, {path: text.encode() for path, text in files.items()} | {"agentforce/release.yml": MANIFEST})

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace texts of a file, each of which occurs once."""
        text = self.read(path)
        for old, new in changes:
            assert text.count(old) == 1, (old, text.count(old))
            text = text.replace(old, new)
        write(self.folder, {path: text.encode()})

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.folder / path).read_bytes().decode()

    def update(self, *options: str, pin: str = NEW) -> Updated:
        """Run `wavegate update`."""
        self._capsys.readouterr()
        code = main(["update", "--root", str(self.folder), "--pin", pin, *options])
        done = self._capsys.readouterr()
        return Updated(code, done.out + done.err)

    def files(self) -> dict[str, bytes]:
        """Every file by path, but git's own."""
        paths = (path for path in self.folder.rglob("*") if path.is_file() and ".git/" not in f"{path}/")
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def repository(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    # no network: a release that must be fetched is fetched from here
    monkeypatch.setenv("GITHUB_SERVER_URL", (tmp_path / "server").as_uri())
    return Repository(tmp_path / "repository", capsys)


def team_edits(repository: Repository) -> Callable[[str], str]:
    """Edit the promotion as a team does. Returns what the edits make of another text."""
    changes = ((MARK, MARK + STEP), ("        default: ubuntu-latest\n", "        default: our-runner\n"))
    repository.edit(PROMOTE, *changes)

    def edited(text: str) -> str:
        for old, new in changes:
            text = text.replace(old, new)
        return text

    return edited


def test_what_nobody_edited_becomes_what_the_new_release_writes(repository: Repository) -> None:
    callers = {path: data for path, data in repository.files().items() if "reusable" not in path}
    done = repository.update()
    assert done.code == 0, done.text
    written = repository.files()
    assert {path: written[path].decode() for path in generated(NOW)} == generated(NOW)
    assert {path: written[path] for path in callers} == callers
    assert f"replaced    {PROMOTE}  v0.0.9 (0a0a0a0) → v{__version__} (1b1b1b1)" in done.text
    # and once more, nothing
    again = repository.update()
    assert (again.code, repository.files(), "replaced" in again.text) == (0, written, False)


SCHEMA = "https://raw.githubusercontent.com/wavegate/wavegate/{}/schemas/{}.schema.json"
PACK = "agentforce/packs/smoke.json"


def release_files(ref: str) -> dict[str, bytes]:
    """A manifest and packs as people and editors write them: a BOM, mixed line ends, other encodings."""
    manifest, pack = SCHEMA.format(ref, "manifest"), SCHEMA.format(ref, "pack")
    return {
        "agentforce/release.yml": b"\xef\xbb\xbf# yaml-language-server: $schema=%s\r\n# caf\xe9\n\r\n"
        % manifest.encode()
        + MANIFEST.rstrip(b"\n"),
        PACK: b'{\t"$schema":"%s",\r\n"suite": "smoke"}' % pack.encode(),
        "agentforce/packs/other.yml": b"$schema: '%s'\n" % pack.encode(),
    }


def test_the_schema_of_manifests_and_packs_moves_and_no_other_byte(repository: Repository) -> None:
    write(repository.folder, release_files(OLD))
    shown = repository.update("--diff")
    assert f"+$schema: '{SCHEMA.format(NEW, 'pack')}'\n" in shown.text
    done = repository.update()
    assert (done.code, f"moved       {PACK}" in done.text) == (0, True), done.text
    written = repository.files()
    assert {path: written[path] for path in release_files(NEW)} == release_files(NEW)
    again = repository.update()
    assert ("moved" in again.text, repository.files()) == (False, written)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [("v0.0.9", f"v{__version__}"), ("main", "main"), ("0a0a0a0", "0a0a0a0"), ("release/2", "release/2")],
)
def test_a_version_moves_to_a_version_and_a_branch_stays(repository: Repository, ref: str, expected: str) -> None:
    write(repository.folder, release_files(ref))
    assert repository.update().code == 0
    written = repository.files()
    assert {path: written[path] for path in release_files(ref)} == release_files(expected)


def test_other_addresses_and_mentions_stay(repository: Repository) -> None:
    mirror = SCHEMA.format(OLD, "manifest").replace("wavegate/wavegate", "acme/mirror")
    text = f"# yaml-language-server: $schema={mirror}\n# see {SCHEMA.format(OLD, 'manifest')}\n".encode() + MANIFEST
    write(repository.folder, {"agentforce/release.yml": text, "agentforce/packs/a.json": b"x" * 6_000_000})
    assert repository.update().code == 0
    assert repository.files()["agentforce/release.yml"] == text


def test_a_schema_moves_with_the_workflows_or_not_at_all(repository: Repository) -> None:
    write(repository.folder, release_files(OLD))
    repository.edit(PROMOTE, ("        default: 120\n", "        default: 60\n"))
    commit(repository.folder, {}, "Edit")
    assert repository.update().code == 1
    assert repository.files()[PACK] == release_files(OLD)[PACK]
    assert repository.update("--conflicts").code == 1
    assert repository.files()[PACK] == release_files(NEW)[PACK]


def test_a_manifest_elsewhere_has_its_own_packs_and_links_are_left_alone(
    repository: Repository, tmp_path: Path
) -> None:
    files = release_files(OLD)
    write(repository.folder, {f"other/{path}": data for path, data in files.items()})
    outside = tmp_path / "shared.json"
    outside.write_bytes(files[PACK])
    (repository.folder / "agentforce" / "packs").mkdir()
    (repository.folder / "agentforce" / "packs" / "linked.json").symlink_to(outside)
    assert repository.update("--manifest", "other/agentforce/release.yml").code == 0
    written = repository.files()
    assert {path: written[f"other/{path}"] for path in files} == release_files(NEW)
    assert outside.read_bytes() == files[PACK]


def test_edits_stay_and_a_reviewer_sees_only_what_the_release_changed(repository: Repository) -> None:
    edited = team_edits(repository)
    commit(repository.folder, {}, "Edit")
    done = repository.update()
    assert done.code == 0, done.text
    assert f"merged      {PROMOTE}" in done.text
    assert repository.read(PROMOTE) == edited(generated(NOW)[PROMOTE])
    lines = git(repository.folder, "diff", "-U0", "--", PROMOTE).decode().splitlines()
    changed = [line for line in lines if line[:1] in "-+" and not line.startswith(("---", "+++"))]
    assert sorted(line for line in changed if not re.search(rf"@({OLD}|{NEW})|# sha256 ", line)) == sorted(
        sign + change[index].removesuffix("\n")
        for change in FORMER["promote"]
        for sign, index in (("+", 0), ("-", 1))
    )
    # the merged file is recognized in the next run, and in the next release
    assert "current     " + PROMOTE + "  edited" in repository.update().text
    commit(repository.folder, {}, "Update")
    assert repository.update(pin="2c" * 20).code == 0
    later = generated(replace(NOW, commit="2c" * 20))
    assert repository.read(PROMOTE) == edited(later[PROMOTE])


def test_a_conflict_is_named_with_both_texts_and_no_file_is_written(repository: Repository) -> None:
    repository.edit(PROMOTE, ("        default: 120\n", "        default: 60\n"), (MARK, MARK + STEP))
    commit(repository.folder, {}, "Edit")
    before = repository.files()
    line = repository.read(PROMOTE).splitlines().index("        default: 60") + 1
    done = repository.update()
    assert (done.code, repository.files()) == (1, before)
    assert f"{PROMOTE}, line {line}. Yours:\n  |         default: 60\nwavegate v{__version__}:\n" in done.text
    assert "  |         default: 180\n" in done.text
    assert "No file was changed. `wavegate update --conflicts`" in done.text


def test_conflicts_are_written_on_request_and_resolved_in_an_editor(repository: Repository) -> None:
    repository.edit(PROMOTE, ("        default: 120\n", "        default: 60\n"), (MARK, MARK + STEP))
    commit(repository.folder, {}, "Edit")
    assert repository.update("--conflicts").code == 1
    text = repository.read(PROMOTE)
    markers = f"<<<<<<< yours\n        default: 60\n=======\n        default: 180\n>>>>>>> wavegate v{__version__}\n"
    assert markers in text
    assert STEP in text
    assert repository.read(DISABLE) == generated(NOW)[DISABLE]
    # the markers are not forgotten
    unresolved = repository.update()
    assert (unresolved.code, f"unresolved  {PROMOTE}" in unresolved.text) == (1, True)
    repository.edit(PROMOTE, (markers, "        default: 60\n"))
    assert repository.update().code == 0
    expected = generated(NOW)[PROMOTE].replace("        default: 180\n", "        default: 60\n", 1)
    assert repository.read(PROMOTE) == expected.replace(MARK, MARK + STEP)


def test_the_difference_is_shown_as_git_reads_it_and_nothing_is_changed(
    repository: Repository, tmp_path: Path
) -> None:
    team_edits(repository)
    commit(repository.folder, {}, "Edit")
    before = repository.files()
    shown = repository.update("--diff")
    assert (shown.code, repository.files()) == (0, before)
    git(tmp_path, "clone", "--quiet", str(repository.folder), "clone")
    git(tmp_path / "clone", "apply", "-", stdin=shown.text.encode())
    repository.update()
    for path in generated(NOW):
        assert (tmp_path / "clone" / path).read_text() == repository.read(path)


def test_edits_that_were_never_committed_begin_with_a_release_that_is_fetched(
    tmp_path: Path, repository: Repository
) -> None:
    sources = {f".github/workflows/{name}.yml": formerly(name, text).encode() for name, text in SOURCES.items()}
    released = start(tmp_path / "server" / "wavegate" / "wavegate.git", sources)
    old = replace(BEFORE, commit=released)
    write(repository.folder, {path: text.encode() for path, text in generated(old, formerly).items()})
    edited = team_edits(repository)
    done = repository.update()
    assert done.code == 0, done.text
    assert repository.read(PROMOTE) == edited(generated(NOW)[PROMOTE])


SOURCES = reusable_workflows()


def test_without_the_text_that_the_edits_began_with_nothing_is_guessed(repository: Repository) -> None:
    team_edits(repository)
    # amended: the repository has never had the text as it was generated
    git(repository.folder, "checkout", "--quiet", "--orphan", "again")
    commit(repository.folder, {}, "All at once")
    git(repository.folder, "branch", "--quiet", "-D", "main")
    before = repository.files()
    done = repository.update()
    assert (done.code, repository.files()) == (1, before)
    assert f"unknown     {PROMOTE}  It was edited, and the text that the edits began with was not found." in done.text


def test_another_text_at_the_pinned_commit_is_not_taken_for_the_base(tmp_path: Path, repository: Repository) -> None:
    sources = {f".github/workflows/{name}.yml": b"name: another\n" for name in SOURCES}
    released = start(tmp_path / "server" / "wavegate" / "wavegate.git", sources)
    old = generated(replace(BEFORE, commit=released), formerly)
    write(repository.folder, {path: text.encode() for path, text in old.items()})
    edited = team_edits(repository)(old[PROMOTE])
    done = repository.update()
    assert (done.code, repository.read(PROMOTE)) == (1, edited)
    assert "generates another text" in done.text


def test_pins_that_dependabot_moved_are_no_conflict(repository: Repository) -> None:
    text = repository.read(PROMOTE).replace(f"@{OLD} # v0.0.9", f"@{'9f' * 20} # v0.0.95")
    write(repository.folder, {PROMOTE: text.encode()})
    assert repository.update().code == 0
    assert repository.read(PROMOTE) == generated(NOW)[PROMOTE]


def test_windows_line_endings_stay_and_are_no_edit(repository: Repository) -> None:
    for path, data in repository.files().items():
        if path.startswith(".github/"):
            write(repository.folder, {path: data.replace(b"\n", b"\r\n")})
    done = repository.update()
    assert (done.code, "merged" in done.text) == (0, False)
    written = (repository.folder / PROMOTE).read_bytes()
    assert written == generated(NOW)[PROMOTE].replace("\n", "\r\n").encode()


def test_files_of_a_new_release_are_written_and_deleted_ones_stay_deleted(repository: Repository) -> None:
    lock, form = ".github/workflows/wavegate-reusable-lock.yml", ".github/workflows/wavegate-lock.yml"
    new = ".github/workflows/wavegate-reusable-enable.yml"
    git(repository.folder, "checkout", "--quiet", "--orphan", "again")
    for path in (new, ".github/workflows/wavegate-enable.yml"):
        (repository.folder / path).unlink()
    commit(repository.folder, {}, "From a release without restarts")
    git(repository.folder, "branch", "--quiet", "-D", "main")
    git(repository.folder, "rm", "--quiet", lock, form)
    commit(repository.folder, {}, "Nobody locks here")
    done = repository.update()
    assert done.code == 0, done.text
    assert repository.read(new) == generated(NOW)[new]
    assert "uses: ./.github/workflows/wavegate-reusable-enable.yml" in repository.read(
        ".github/workflows/wavegate-enable.yml"
    )
    for path in (lock, form):
        assert not (repository.folder / path).exists()
        assert f"left out    {path}  This repository has deleted it." in done.text


def test_a_workflow_that_the_release_no_longer_has_is_named_and_left(repository: Repository) -> None:
    path = ".github/workflows/wavegate-reusable-former.yml"
    text = generate("former", "name: wavegate former\n", BEFORE)
    write(repository.folder, {path: text.encode()})
    done = repository.update()
    assert (done.code, repository.read(path)) == (0, text)
    assert f"obsolete    {path}  v{__version__} no longer has it." in done.text


def test_a_workflow_without_its_first_lines_is_not_touched(repository: Repository) -> None:
    text = repository.read(PROMOTE).split("\n", 2)[2]
    write(repository.folder, {PROMOTE: text.encode()})
    done = repository.update()
    assert (done.code, repository.read(PROMOTE)) == (1, text)
    assert f"unknown     {PROMOTE}  Its first lines do not say what it was generated from." in done.text


@pytest.mark.parametrize("repository_of", ["acme/wavegate", "wavegate/wavegate"])
def test_the_pins_of_a_mirrors_callers_and_of_own_workflows_are_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], repository_of: str
) -> None:
    mirrored = Repository(tmp_path / "mirrored", capsys, local=False, actions=repository_of)
    own = (
        f"jobs:\n  a:\n    steps:\n      - uses: actions/checkout@{OLD} # v0.0.9\n"
        f"      - uses: wavegate/wavegate/.github/actions/gate@{OLD} # v0.0.9 as agreed\n"
        f"      - uses: wavegate/wavegate@{OLD}\n      - uses: wavegate/wavegate@main\n"
        f"  b:\n    uses: other/tools/.github/workflows/check.yml@{OLD} # v0.0.9\n"
    )
    write(mirrored.folder, {".github/workflows/own.yml": own.encode()})
    done = mirrored.update()
    assert done.code == 0, done.text
    assert mirrored.read(".github/workflows/own.yml") == own.replace(
        f"gate@{OLD} # v0.0.9 as", f"gate@{NEW} # v{__version__} as"
    ).replace(f"wavegate/wavegate@{OLD}\n", f"wavegate/wavegate@{NEW}\n")
    for name, calls in (("release", 2), ("disable", 1)):
        text = mirrored.read(f".github/workflows/wavegate-{name}.yml")
        assert text.count(f"uses: {repository_of}/.github/workflows/") == calls
        assert text.count(f".yml@{NEW} # v{__version__}\n") == calls
    again = mirrored.update()
    assert again.code == 0
    assert ("a workflow of another owner gets no environment secrets" in again.text) is (
        repository_of == "wavegate/wavegate"
    )
    assert not list(mirrored.folder.glob("**/wavegate-reusable-*"))


def test_another_tools_reusable_workflow_of_the_same_name_keeps_its_pin(repository: Repository) -> None:
    own = ".github/workflows/ci.yml"
    text = f"on: push\njobs:\n  a:\n    uses: acme/ci/.github/workflows/check.yml@{OLD} # v4.5.6\n"
    write(repository.folder, {own: text.encode()})
    assert repository.update().code == 0
    assert repository.read(own) == text


@pytest.mark.parametrize("keep", [("\n", 2), ("\r", None)])
def test_what_is_left_of_a_workflow_is_not_a_defect(repository: Repository, keep: tuple[str, int | None]) -> None:
    ending, count = keep
    text = ending.join(repository.read(PROMOTE).split("\n")[:count])
    write(repository.folder, {PROMOTE: text.encode()})
    done = repository.update()
    assert (done.code, "Internal error" in done.text) == (1, False)


def test_a_call_that_github_would_refuse_is_named(repository: Repository) -> None:
    repository.edit(
        ".github/workflows/wavegate-disable.yml",
        ("      deployments: write # to record the stop\n", ""),
        ("      reason: ${{ inputs.reason }}\n", "      because: ${{ inputs.reason }}\n"),
    )
    done = repository.update()
    assert done.code == 1
    for words in (
        "must grant `deployments: write`.",
        "must pass the input `reason`.",
        "passes the input `because`, which the called workflow does not have.",
    ):
        assert f"  wavegate-disable.yml: job `disable` {words}\n" in done.text
    # it is no reason to leave the repository between two releases
    assert repository.read(DISABLE) == generated(NOW)[DISABLE]


@pytest.mark.parametrize("written", range(6))
def test_killed_between_two_files_and_run_again_it_ends_the_same(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    edited = team_edits(repository)
    commit(repository.folder, {}, "Edit")
    finish, count = WholeFile._finish, 0

    def killed(file: WholeFile) -> None:
        nonlocal count
        if count == written:
            raise KilledError
        count += 1
        finish(file)

    with monkeypatch.context() as patched:
        patched.setattr(WholeFile, "_finish", killed)
        with pytest.raises(KilledError):
            main(["update", "--root", str(repository.folder), "--pin", NEW])
    assert repository.update().code == 0
    expected = {**generated(NOW), PROMOTE: edited(generated(NOW)[PROMOTE])}
    assert {path: repository.read(path) for path in expected} == expected
    assert not list(repository.folder.glob(".github/workflows/.wavegate-*"))


def test_a_release_older_than_the_workflows_does_not_move_them_back(repository: Repository) -> None:
    newer = generated(ActionsPin(commit=NEW, version="99.0.0"))
    write(repository.folder, {path: text.encode() for path, text in newer.items()})
    done = repository.update()
    assert (done.code, repository.read(PROMOTE)) == (2, newer[PROMOTE])
    assert "are of v99.0.0" in done.text


def test_one_workflow_of_a_newer_release_is_not_moved_back_either(repository: Repository) -> None:
    newer = generated(ActionsPin(commit=NEW, version="99.0.0"))[PROMOTE]
    write(repository.folder, {PROMOTE: newer.encode()})
    before = repository.files()
    assert (repository.update().code, repository.files()) == (2, before)


@pytest.mark.parametrize(("repeated", "says"), [(3000, "is too large for a workflow"), (0, "not valid YAML")])
def test_a_workflow_that_is_too_large_or_empty_is_named_and_left(
    repository: Repository, repeated: int, says: str
) -> None:
    text = repository.read(PROMOTE) * repeated
    write(repository.folder, {PROMOTE: text.encode()})
    done = repository.update()
    assert (done.code != 0, repository.read(PROMOTE) == text) == (True, True)
    assert done.text.count("wavegate-reusable-promote.yml") < 4
    assert says in done.text


def test_a_version_of_many_digits_is_none(repository: Repository) -> None:
    repository.edit(PROMOTE, (f"{OLD} v0.0.9\n", f"{OLD} v{'9' * 5000}\n"))
    done = repository.update()
    assert (done.code, "Its first lines do not say" in done.text) == (1, True)


def test_where_init_was_never_run_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start(tmp_path / "empty", {"README.md": b"x"})
    assert main(["update", "--root", str(tmp_path / "empty"), "--pin", NEW]) == 2
    assert "wavegate init" in capsys.readouterr().err


def test_a_link_in_the_place_of_a_workflow_is_not_replaced(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / PROMOTE).rename(tmp_path / "promote.yml")
    (repository.folder / PROMOTE).symlink_to(tmp_path / "promote.yml")
    done = repository.update()
    assert (done.code, (repository.folder / PROMOTE).is_symlink()) == (2, True)
    assert "wavegate-reusable-promote.yml is not a regular file." in done.text


def test_it_writes_through_no_link_out_of_the_checkout(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / ".github").rename(tmp_path / "elsewhere")
    (repository.folder / ".github").symlink_to(tmp_path / "elsewhere")
    before = {path: path.read_bytes() for path in (tmp_path / "elsewhere").rglob("*.yml")}
    assert repository.update().code == 2
    assert {path: path.read_bytes() for path in before} == before


def test_an_enterprise_servers_workflows_stay_those_of_a_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Repository(tmp_path / "server", capsys, enterprise=True, actions="acme/wavegate")
    assert server.update().code == 0
    pin = replace(NOW, enterprise=True, repository="acme/wavegate")
    assert server.read(PROMOTE) == generated(pin)[PROMOTE]
    header = read_header(server.read(PROMOTE))
    assert header
    assert (header.pin, subprocess.call(["grep", "-q", "queue: max", str(server.folder / PROMOTE)])) == (pin, 1)
