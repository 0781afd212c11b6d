"""The variables for replacements: what is read, what is refused, and that no message shows a value."""

import re

import pytest
from tests.support.tools import npm_bin

from wavegate.errors import InputError
from wavegate.staging.variables import Variables, given_variables, variables_digest


def read(lines: str = "", secrets: str = "", **environment: str) -> Variables:
    return given_variables(lines.splitlines(), secrets, environment)


def test_values_come_from_the_secret_then_the_line_then_the_environment() -> None:
    variables = read(
        "PLAIN=shown\nINHERITED\nHIDDEN\nBOTH=shown", "HIDDEN=sesame\nBOTH=hidden", INHERITED="there", OTHER="x"
    )
    assert variables.values == {"PLAIN": "shown", "INHERITED": "there", "HIDDEN": "sesame", "BOTH": "hidden"}
    # GitHub shows variables in its logs, and masks only the whole lines of a secret
    assert set(variables.secrets) == {"sesame", "hidden"}


def test_other_values_are_another_deployment_and_the_same_ones_are_not() -> None:
    digest = variables_digest({"A": "b", "C": "d"}, subject="one")
    assert variables_digest({"C": "d", "A": "b"}, subject="one") == digest
    others = [
        variables_digest(each, subject="one") for each in ({"A": "b"}, {"A": "bC", "d": ""}, {"A": "d", "C": "b"})
    ]
    others.append(variables_digest({"A": "b", "C": "d"}, subject="two"))
    assert len({digest, *others}) == 5
    assert variables_digest({}, subject="one") == ""


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b=c ; $(d) # e", "b=c ; $(d) # e"),
        ("  A =  b  ", "b"),
        ("A=", ""),
        ("A='b\\n\"c\"'", 'b\\n"c"'),
        ("A=' b '", " b "),
        ('A="b\\nc"', "b\nc"),
        ("A='", "'"),
        ("# B=c\n\nA=b\n", "b"),
        ("A=ü…", "ü…"),
        ("SF_CC_PLACEHOLDER_USERNAME=a", "a"),
        ("SFDX_TARGET_ORG_USERNAME=a", "a"),
        ("API_KEY=a", "a"),
        ("PATHS=a", "a"),
    ],
)
def test_a_line_is_a_name_and_a_value(line: str, value: str) -> None:
    assert [*read(line).values.values()] == [*read(secrets=line).values.values()] == [value]


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "NODE_OPTIONS", "node_options", "LD_PRELOAD", "GITHUB_TOKEN", "RUNNER_TEMP", "HTTPS_PROXY",
     "npm_config_registry", "PYTHONPATH", "SF_TARGET_ORG", "SFDX_REST_DEPLOY", "WAVEGATE_CACHE", "BASH_ENV"],
)  # fmt: skip
def test_a_variable_that_controls_a_program_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=name):
        read(f"A=b\n{name}=sesame")


def test_every_setting_of_the_cli_is_refused() -> None:
    settings = (npm_bin().parent / "@salesforce" / "core" / "lib" / "config" / "envVars.js").read_text()
    names = set(re.findall(r"EnvironmentVariable\[\"(\w+)\"\]", settings))
    assert len(names) > 50
    for name in names:
        with pytest.raises(InputError):
            read(f"{name}=a")


@pytest.mark.parametrize(
    ("lines", "secrets", "message"),
    [
        ("A", "", "A for the replacements in sfdx-project.json has no value"),
        ("", "A", "A for the replacements in sfdx-project.json has no value"),
        ("A=sesame\nA=open", "", "Line 2 of deploy-env: A is a duplicate"),
        ("", "A=b\nopen sesame", "Line 2 of the secret DEPLOY_ENV does not begin with a variable's name"),
        ("", "A=b\n-----BEGIN sesame", "Line 2 of the secret DEPLOY_ENV does not begin with a variable's name"),
        ("1A=sesame", "", "Line 1 of deploy-env does not begin"),
        ("Ä=sesame", "", "Line 1 of deploy-env does not begin"),
        ("", 'A="sesame', "Line 1 of the secret DEPLOY_ENV has a value in double quotes"),
        ("", r'A="sesame\ud800"', "Line 1 of the secret DEPLOY_ENV has a value in double quotes"),
        ("", r'A="sesame\u0000"', "Line 1 of the secret DEPLOY_ENV has a value with a NUL"),
    ],
)
def test_what_cannot_be_read_is_refused_without_showing_it(lines: str, secrets: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(lines, secrets)
    assert message in raised.value.message
    assert "sesame" not in f"{raised.value.message} {raised.value.fix}"
