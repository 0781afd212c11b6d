"""The command and replay runners: what counts as a case, and what never does."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from wavegate.errors import InputError
from wavegate.evidence.observation import Outcome
from wavegate.redaction.personal_data import redact
from wavegate.smoke.replay import Replay
from wavegate.smoke.runner_command import MAX_BYTES, Command
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner


def planned(test: str = "pii", run: int = 1) -> PlannedRun:
    return PlannedRun(suite="s", test=test, run=run, definition="Pii", runner=Runner.COMMAND)


def run(
    arguments: Sequence[str],
    folder: Path,
    *runs: PlannedRun,
    time_limit: float = 20,
    pass_env: Sequence[str] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> list[FinishedRun]:
    runner = Command(
        arguments,
        folder=folder,
        environment_name="uat",
        time_limit=time_limit,
        redact=redact,
        pass_env=pass_env,
        environment={**os.environ, **variables},
    )
    return list(runner.run(runs or (planned(),)))


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def printing(*lines: object) -> list[str]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return program(f"print({text!r})")


def test_observations_and_transcripts_become_cases(tmp_path: Path) -> None:
    (ended,) = run(
        printing({"outcome": "fail", "case": "a"}, {"case": "b", "actions": [], "rating": "pass"}), tmp_path
    )
    first, second = ended.cases
    assert ended.problem == ""
    assert (first.observation.case, first.observation.outcome, first.rated) == ("a", Outcome.FAIL, True)
    assert (second.observation.outcome, second.observation.suite, second.observation.run) == (Outcome.PASS, "s", 1)
    assert second.transcript is not None
    assert second.transcript.actions == ()


def test_a_transcript_that_nobody_rated_is_an_error_until_it_is_checked(tmp_path: Path) -> None:
    (ended,) = run(printing({"turns": [{"speaker": "agent", "text": "hello"}]}), tmp_path)
    assert ended.cases[0].observation.outcome is Outcome.ERROR
    assert not ended.cases[0].rated


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (printing(), "printed no case"),
        (printing("not json"), "line 1 "),
        (printing({"outcome": "pass"}, "[]"), "line 2 "),
        (printing({"outcome": "passed"}), "line 1 "),
        (printing({"outcome": "pass", "extra": 1}), "line 1 "),
        (printing({"outcome": None}), "line 1 "),
        (printing({"outcome": "pass", "test": "another"}), "its test"),
        (printing({"outcome": "pass", "run": 2}), "its run"),
        (printing({"turns": [], "expct": {}}), "line 1 "),
        (printing("[" * 100_000), "line 1 "),
        (program("import sys; sys.stdout.buffer.write(b'\\xff\\n')"), "line 1 "),
        (program("import sys; sys.exit('no org, ask a@b.org')"), "status 1: no org, ask [email]"),
        (program("import os; os.abort()"), "status -6"),
        (program(f"print(('x' * 99 + chr(10)) * {MAX_BYTES // 100 + 1})"), "printed more than"),
        (program("while True: print('x' * 10**6)"), "printed more than"),
    ],
)  # fmt: skip
def test_what_is_no_result_is_a_problem(arguments: list[str], problem: str, tmp_path: Path) -> None:
    (ended,) = run(arguments, tmp_path)
    assert problem in ended.problem


def test_cases_before_a_failure_are_kept(tmp_path: Path) -> None:
    text = 'import sys; print(\'{"outcome": "fail"}\'); sys.exit(3)'
    (ended,) = run(program(text), tmp_path)
    assert ended.cases[0].observation.outcome is Outcome.FAIL
    assert "status 3" in ended.problem


def test_time_limit_ends_the_program_and_what_it_started(tmp_path: Path) -> None:
    text = (
        "import subprocess, sys, pathlib\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('pid').write_text(str(p.pid)); p.wait()"
    )
    started = time.monotonic()
    first, second = run(program(text), tmp_path, planned(run=1), planned(run=2), time_limit=1.0)
    assert time.monotonic() - started < 30
    assert "time limit" in first.problem
    assert "not started" in second.problem
    child = int((tmp_path / "pid").read_text())
    assert not _alive(child)


def _alive(pid: int) -> bool:
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")")[-1].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return True


def test_the_program_learns_what_to_run_and_nothing_of_the_workflow(tmp_path: Path) -> None:
    text = "import os, pathlib, json; pathlib.Path('env').write_text(json.dumps(dict(os.environ)))"
    secrets = {
        name: f"t0psecret {name}"
        for name in (
            "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TEAMS_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_CACHE_URL", "INPUT_KEY",
            "SF_ACCESS_TOKEN", "SF_AUTH_URL", "SF_JWT_KEY", "DEPLOY_ENV_SECRETS", "SLACK_WEBHOOK_URL", "AI_API_KEY",
            "AWS_SECRET_ACCESS_KEY", "NPM_TOKEN", "WAVEGATE_SMOKE_COMMAND", "XDG_SECRET", "PYENV_TOKEN", "X",
        )
    }  # fmt: skip
    commands = {f"GITHUB_{name}": f"t0psecret {name}" for name in ("OUTPUT", "ENV", "PATH", "STATE", "STEP_SUMMARY")}
    facts = {"GITHUB_SHA": "0" * 40, "GITHUB_REPOSITORY": "acme/agents", "https_proxy": "http://proxy", "CI": "true"}
    chosen = {"MY_KEY": "k3y of a tool", "EMPTY": ""}
    given = {**secrets, **commands, **facts, **chosen}
    run(program(text), tmp_path, planned(run=7), pass_env=["MY_KEY", "EMPTY"], variables=given)
    assert "t0psecret" not in (tmp_path / "env").read_text()
    seen = json.loads((tmp_path / "env").read_text())
    assert seen["WAVEGATE_RUN_TEST"] == "pii"
    assert seen["WAVEGATE_RUN_DEFINITION"] == "Pii"
    assert seen["WAVEGATE_RUN_NUMBER"] == "7"
    assert seen["WAVEGATE_RUN_ENVIRONMENT"] == "uat"
    assert {name: seen.get(name) for name in (*facts, *chosen)} == {**facts, **chosen}
    assert seen["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "GITHUB_OUTPUT",
        "GITHUB_ENV",
        "github_path",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "INPUT_X",
        "NONE",
    ],
)
def test_what_is_passed_by_name_must_exist_and_give_no_power_over_the_workflow(tmp_path: Path, name: str) -> None:
    given = {} if name == "NONE" else {name: "x"}
    with pytest.raises(InputError, match=name):
        run(program(""), tmp_path, pass_env=[name], variables=given)


def test_a_value_that_was_passed_is_not_in_the_programs_error(tmp_path: Path) -> None:
    text = "import os, sys; sys.exit('no: ' + os.environ['MY_KEY'])"
    (ended,) = run(program(text), tmp_path, pass_env=["MY_KEY"], variables={"MY_KEY": "k3y-of-a-tool"})
    assert ended.problem == "the program exited with status 1: no: ***"


def test_arguments_are_never_a_shell_command(tmp_path: Path) -> None:
    text = "import sys, json; print(json.dumps({'outcome': 'pass', 'case': sys.argv[1]}))"
    (ended,) = run([*program(text), "$(touch pwned); `id`"], tmp_path)
    assert ended.cases[0].observation.case == "$(touch pwned); `id`"
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be started"):
        run(["no-such-program"], tmp_path)


def record(folder: Path, name: str, *transcripts: object) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in transcripts))
    return path


def test_replay_gives_each_run_what_was_recorded_of_it(tmp_path: Path) -> None:
    record(tmp_path, "a.jsonl", {"test": "pii", "case": "1", "rating": "pass"}, {"test": "pii", "case": "2"})
    record(tmp_path, "b.jsonl", {"test": "pii", "case": "1", "run": 2, "rating": "fail"})
    first, second, third, other = Replay([tmp_path]).run(
        [planned(run=1), planned(run=2), planned(run=3), planned("x")]
    )
    assert [case.observation.outcome for case in first.cases] == [Outcome.PASS, Outcome.ERROR]
    assert [case.observation.outcome for case in second.cases] == [Outcome.FAIL]
    assert third.problem
    assert other.problem


@pytest.mark.parametrize("text", ["{", '{"test": ""}', '{"test": "a", "acitons": []}', '{"test": "a", "run": 0}'])
def test_a_broken_recording_names_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"test": "a"}\n\n' + text)
    with pytest.raises(InputError) as raised:
        Replay([path])
    assert (raised.value.file, raised.value.line) == (str(path), 3)


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_nothing_recorded_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recorded transcripts"):
        Replay([tmp_path / name])
