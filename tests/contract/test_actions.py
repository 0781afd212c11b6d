"""A composite action is its command: the same inputs, environment variables and options."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from tests.support.product_files import ACTIONS, ROOT, name, read

from wavegate.__main__ import COMMANDS

SECRET = re.compile(
    r"GITHUB_TOKEN|GITHUB_TEAMS_TOKEN|DEPLOY_ENV_SECRETS|SF_[A-Z_]+|(SLACK|TEAMS)_WEBHOOK_URL|RELEASE_HOOK_(URL|SECRET)"
)
"""Variables of secrets: an input, but never an option, which anybody could read in the list of processes."""
LOCAL = {
    "gate": {"plan", "true-rate"},  # the plan command's action says the power of a pack
    "login": {"org"},  # of the Salesforce CLI on a laptop
    "rollback": {"live", "local"},  # a workflow has GitHub
    "capture": {"local"},
    "expand": {"local"},
}
"""Options for a laptop; workflows do not need them."""

each_action = pytest.mark.parametrize("path", ACTIONS, ids=name)


def command_step(path: Path) -> dict[str, Any]:
    """The one step of an action that starts a command."""
    starting: list[dict[str, Any]] = [
        step for step in read(path)["runs"]["steps"] if "launch.py" in step.get("run", "")
    ]
    assert len(starting) == 1
    return starting[0]


def command_of(path: Path) -> click.Command:
    """The command that an action starts."""
    command: click.Command = import_module(f"wavegate.{COMMANDS[command_name(path)][0]}").command
    return command


def command_name(path: Path) -> str:
    """The name of the command that an action starts."""
    return str(command_step(path)["run"].split()[-1])


def variable_part(path: Path) -> str:
    """The command's name, as in its environment variables."""
    return command_name(path).upper().replace("-", "_")


def variables(path: Path) -> dict[str, click.Parameter]:
    """The environment variables that the command reads, as click resolves them."""
    prefix = f"WAVEGATE_{variable_part(path)}"
    found = {}
    for parameter in command_of(path).params:
        automatic = f"{prefix}_{parameter.name.upper()}" if isinstance(parameter, click.Option) else None
        found[str(parameter.envvar or automatic)] = parameter
    return found


@each_action
def test_each_input_reaches_the_command_by_its_variable(path: Path) -> None:
    inputs, env = read(path)["inputs"], command_step(path)["env"]
    prefix = f"WAVEGATE_{variable_part(path)}_"
    secrets = {variable: value for variable, value in env.items() if SECRET.fullmatch(variable)}
    expected = {prefix + key.upper().replace("-", "_"): expression(key) for key in inputs}
    expected = {variable: value for variable, value in expected.items() if value not in secrets.values()}
    assert env == expected | secrets
    assert set(secrets.values()) <= {expression(key) for key in inputs}
    assert set(expected) <= set(variables(path))


def expression(key: str) -> str:
    """An input, as the action's steps read it."""
    return f"${{{{ inputs.{key} }}}}"


@each_action
def test_each_option_is_an_input(path: Path) -> None:
    prefix = f"WAVEGATE_{variable_part(path)}_"
    options = {variable.removeprefix(prefix).lower().replace("_", "-") for variable in variables(path)}
    assert options - LOCAL.get(command_name(path), set()) <= set(read(path)["inputs"])


@each_action
def test_the_defaults_of_the_inputs_are_those_of_the_options(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, env = read(path)["inputs"], command_step(path)["env"]
    required = {variable: parameter for variable, parameter in variables(path).items() if parameter.required}
    for variable, parameter in required.items():
        choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else ["production"]
        monkeypatch.setenv(variable, choices[0])
    alone = parsed(path)
    for key, each in inputs.items():
        for variable, value in env.items():
            if value == expression(key) and variable not in required and not SECRET.fullmatch(variable):
                monkeypatch.setenv(variable, each.get("default", ""))
    assert parsed(path) == alone


def parsed(path: Path) -> dict[str, Any]:
    """What the command gets from the environment alone."""
    prefix = f"WAVEGATE_{variable_part(path)}"
    return command_of(path).make_context(command_name(path), [], auto_envvar_prefix=prefix).params


@each_action
def test_each_output_is_the_steps_own(path: Path) -> None:
    step = command_step(path)
    for key, output in read(path).get("outputs", {}).items():
        assert output["value"] == f"${{{{ steps.{step['id']}.outputs.{key} }}}}"


@each_action
def test_an_action_says_what_it_is(path: Path) -> None:
    action = read(path)
    assert action["name"].startswith("wavegate")
    assert action["description"]
    assert set(action["branding"]) == {"icon", "color"}
    for each in (*action["inputs"].values(), *action.get("outputs", {}).values()):
        assert each["description"].strip()


@each_action
def test_an_action_starts_isolated_by_its_own_path(path: Path) -> None:
    up = "/.." * len(path.parent.relative_to(ROOT).parts)
    step = command_step(path)
    assert step["run"] == f'python3 -I -X utf8 "$GITHUB_ACTION_PATH{up}/launch.py" {command_name(path)}'
    assert step["shell"] == "bash"


def test_the_action_of_the_root_is_validate() -> None:
    """Workflows of this repository can't refer to the root: GitHub's runner reads a bare `$/` as no path."""
    root, sub = ROOT / "action.yml", ROOT / ".github" / "actions" / "validate" / "action.yml"
    assert root.read_text() == sub.read_text().replace("/../../../launch.py", "/launch.py")
