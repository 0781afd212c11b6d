"""Output that cannot be written is an error of its own: what was decided stays decided, and nothing is green."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.support.git import git, start
from tests.support.outputs import read_outputs
from tests.support.stop_world import StopWorld

from wavegate import __main__ as entry

SRC = Path(entry.__file__).parents[1]
MANIFEST = """\
release: wave-3
environments:
  - {name: uat, prompts: [greeting]}
  - {name: production, rollout: all-at-once}
"""
PACK = {"suite": "ready", "tests": ["a", "b"], "passCriteria": {"minimumSuccessRate": 0.95}}
GATE = ("gate", "production", "--observations", "seen.jsonl", "--output", "decision.json")
FULL = "/dev/full"
CODES = {"pass": 0, "fail": 1, "inconclusive": 5}


@dataclass
class Place:
    """A checkout with evidence for each verdict, and a process that writes somewhere."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def observe(self, verdict: str) -> None:
        """Write evidence that leads to a verdict."""
        tests = ["a"] if verdict == "inconclusive" else ["a", "b"]
        outcome = "fail" if verdict == "fail" else "pass"
        subject = {"commit": git(self.root, "rev-parse", "HEAD").decode().strip()}
        lines = [{"suite": "ready", "test": test, "outcome": outcome, "subject": subject} for test in tests]
        (self.root / "seen.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def decision(self) -> str:
        """The verdict in the decision file."""
        text = (self.root / "decision.json").read_text()
        return str(json.loads(text)["predicate"]["verdict"])

    def run(
        self,
        *arguments: str,
        stdout: "int | str" = subprocess.PIPE,
        stderr: "int | str" = subprocess.PIPE,
        before: Callable[[], None] | None = None,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a command. stdout, stderr: paths, or as for subprocess. before: called in the child."""
        streams = [os.open(each, os.O_WRONLY) if isinstance(each, str) else each for each in (stdout, stderr)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **self.environment, **given}
        try:
            return subprocess.run(
                [sys.executable, "-m", "wavegate", *arguments],
                cwd=self.root, env=environment, stdout=streams[0], stderr=streams[1], preexec_fn=before, timeout=60,
            )  # fmt: skip
        finally:
            for each in streams:
                if each > 2:
                    os.close(each)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "checkout"
    files = {"agentforce/release.yml": MANIFEST, "agentforce/packs/ready.json": json.dumps(PACK)}
    start(root, {name: text.encode() for name, text in files.items()})
    made = Place(root, {"HOME": str(tmp_path)})
    made.observe("pass")
    return made


@pytest.fixture
def stops(tmp_path: Path) -> Iterator[StopWorld]:
    made = StopWorld(tmp_path / "stops")
    yield made
    made.close()


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp1252:strict"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_any_encoding_of_a_terminal_or_pipe_will_do(place: Place, encoding: str, form: str) -> None:
    done = place.run(*GATE, "--format", form, given={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    if form == "json":
        assert json.loads(done.stdout.decode(encoding.partition(":")[0])) == json.loads(
            (place.root / "decision.json").read_text()
        )
    else:
        assert done.stdout.startswith(b"PASS")
        assert b"\\u2265" in done.stdout


@pytest.mark.parametrize("verdict", CODES)
def test_a_verdict_that_nobody_can_read_is_not_green_and_is_said(place: Place, verdict: str) -> None:
    place.observe(verdict)
    output = place.root / "output"
    done = place.run(*GATE, stdout=FULL, given={"GITHUB_OUTPUT": str(output)})
    assert done.returncode == 4
    assert done.stderr.decode().splitlines()[0] == (
        "wavegate: Some output could not be written: standard output (No space left on device); "
        f"apart from that, the command ended with exit code {CODES[verdict]} (verdict: {verdict})."
    )
    # what could be written was
    assert place.decision() == read_outputs(output)["verdict"] == verdict


@pytest.mark.parametrize(
    "arguments", [("validate",), ("validate", "--format", "json"), ("--version",), ("gate", "--help")]
)
def test_every_report_that_is_lost_is_an_error(place: Place, arguments: tuple[str, ...]) -> None:
    done = place.run(*arguments, stdout=FULL)
    assert done.returncode == 4
    assert b"standard output (No space left on device)" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "target", "reason"),
    [
        ("GITHUB_OUTPUT", FULL, "No space left on device"),
        ("GITHUB_STEP_SUMMARY", FULL, "No space left on device"),
        ("GITHUB_OUTPUT", "/", "Is a directory"),
        ("GITHUB_STEP_SUMMARY", "/none/there", "No such file or directory"),
    ],
)
@pytest.mark.parametrize("in_actions", ["true", ""])
def test_a_step_whose_outputs_are_lost_is_not_green(
    place: Place, variable: str, target: str, reason: str, in_actions: str
) -> None:
    done = place.run(*GATE, given={"GITHUB_ACTIONS": in_actions, variable: target})
    assert done.returncode == 4
    said = done.stderr.decode()
    assert f"({variable}) ({reason})" in said
    assert "(verdict: pass)" in said
    assert said.startswith("::error title=wavegate::") == bool(in_actions)
    assert done.stdout.startswith(b"PASS")
    assert place.decision() == "pass"


def test_a_reader_that_went_away_is_said(place: Place) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = place.run(*GATE, stdout=writer)
    assert done.returncode == 4
    assert b"standard output (Broken pipe)" in done.stderr
    assert b"verdict: pass" in done.stderr


def test_a_pipe_that_does_not_wait_loses_nothing(place: Place) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    size = 0
    while True:
        try:
            size += os.write(writer, b"x" * 4096)
        except BlockingIOError:
            break
    with subprocess.Popen(["cat"], stdin=reader, stdout=subprocess.PIPE) as cat:
        os.close(reader)
        assert place.run("gate", "--help", stdout=writer).returncode == 0
        assert cat.stdout
        assert b"Usage: wavegate gate" in cat.stdout.read()[size:]


def test_progress_that_is_lost_changes_nothing(place: Place) -> None:
    done = place.run(*GATE, stderr=FULL)
    assert (done.returncode, place.decision()) == (0, "pass")


@pytest.mark.parametrize("descriptor", [1, 2])
def test_a_stream_that_is_closed_is_no_defect(place: Place, descriptor: int) -> None:
    done = place.run(*GATE, before=lambda: os.close(descriptor))
    assert (done.returncode, place.decision()) == (0, "pass")
    assert b"Traceback" not in (done.stdout + done.stderr)


def test_a_disk_that_has_no_room_for_the_decision_says_what_was_decided(place: Place) -> None:
    done = place.run(*GATE, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
    assert done.returncode == 4
    assert done.stderr.decode().splitlines()[0] == (
        "wavegate: decision.json cannot be written: File too large. What was decided or done before: verdict: pass."
    )
    assert sorted(path.name for path in place.root.iterdir()) == [".git", "agentforce", "seen.jsonl"]


@pytest.mark.parametrize("arguments", [GATE, ("validate",)])
def test_a_disk_that_has_no_room_at_all_is_no_defect(place: Place, arguments: tuple[str, ...]) -> None:
    done = place.run(*arguments, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert b"Traceback" not in done.stderr
    assert done.returncode == (4 if arguments == GATE else 0)


def test_the_kill_switch_stops_the_agent_though_nobody_can_read_it(stops: StopWorld) -> None:
    stops.ship()
    desk = stops.desk
    place = Place(desk.checkout, {**desk.environment(), "GITHUB_ACTIONS": "", "GITHUB_OUTPUT": FULL})
    done = place.run("disable", "uat", "--reason", "It promises refunds", stdout=FULL)
    assert stops.live is None
    assert len(stops.acts()) == 1
    assert done.returncode == 4
    said = done.stderr.decode()
    assert "standard output (No space left on device), the step's outputs (GITHUB_OUTPUT)" in said
    assert "ended with exit code 0 (result: disabled)" in said
