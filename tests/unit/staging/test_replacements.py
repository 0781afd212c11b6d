"""Which variables and files the `replacements` of a project need."""

from typing import Any

import pytest

from wavegate.errors import InputError
from wavegate.staging.globs import matches_glob
from wavegate.staging.replacements import (
    applying,
    dollar_variables,
    needed_variables,
    read_replacements,
    read_variables,
    refuse_reserved,
    unset_variables,
)

BOT = "force-app/main/bots/A/A.bot-meta.xml"


def entries(*given: dict[str, Any]) -> Any:
    return read_replacements({"replacements": list(given)}, file="sfdx-project.json")


@pytest.mark.parametrize(
    ("filename", "matches"),
    [
        (BOT, True),
        ("A.bot-meta.xml", True),
        (".bot-meta.xml", True),
        (f"/{BOT}", True),
        (f"./{BOT}", False),
        (f"x/{BOT}", False),
        ("B.bot-meta.xml", False),
    ],
)
def test_a_file_name_matches_the_end_of_a_path(filename: str, matches: bool) -> None:
    (entry,) = entries({"filename": filename, "replaceWithEnv": "X"})
    assert entry.matches(BOT) is matches


@pytest.mark.parametrize(
    ("glob", "matches"),
    [
        ("**/*.bot-meta.xml", True),
        ("*.bot-meta.xml", True),
        ("bots/**", True),
        ("force-app/**/*.xml", True),
        ("force-app/*/A.bot-meta.xml", False),
        ("force-app/main/bots/?/A.bot-meta.xml", True),
        ("bots/[AB]/*", True),
        ("bots/[!A]/*", False),
        ("{flows,bots}/**", True),
        ("{a,{b,bots}}/A/*.{cls,xml}", True),
        ("{flows,classes}/**", False),
        ("bots", False),
        ("./bots/**", False),
        ("BOTS/**", False),
        ("bots/A/A*xml*xml", False),
        ("bots/A/*meta*xml", True),
        # what wavegate does not read counts as matching
        ("@(flows)/**", True),
        ("{1..3}/**", True),
        ("[", False),
        ("{a,b}" * 30, True),
    ],
)
def test_a_glob_matches_as_the_cli_matches_it(glob: str, matches: bool) -> None:
    assert matches_glob(BOT, glob) is matches


def test_hidden_names_need_a_dot_in_the_glob() -> None:
    path = "force-app/.hidden/x.xml"
    assert not matches_glob(path, "**/*.xml")
    assert not matches_glob(path, "force-app/*/x.xml")
    assert matches_glob(path, "force-app/.*/x.xml")
    assert matches_glob(path, ".hidden/*")


def test_a_hostile_glob_takes_no_time() -> None:
    assert not matches_glob("a/" * 60 + "a" * 250, "**/" * 200 + "*a" * 200 + "b")


def test_only_the_variables_of_shipped_files_are_needed() -> None:
    found = entries(
        {"filename": "A.bot-meta.xml", "replaceWithEnv": "USER_NAME"},
        {"filename": "B.bot-meta.xml", "replaceWithEnv": "OTHER"},
        {"glob": "**", "replaceWithEnv": "OPTIONAL", "allowUnsetEnvVariable": True},
        {"glob": "**", "replaceWithFile": "x.txt"},
    )
    shipped = applying(found, [BOT])
    assert needed_variables(shipped) == ("USER_NAME",)
    assert read_variables(shipped) == {"USER_NAME", "OPTIONAL"}
    assert unset_variables(shipped, {}) == ("USER_NAME",)
    assert unset_variables(shipped, {"USER_NAME": ""}) == ()


@pytest.mark.parametrize(
    ("value", "environment", "needed"),
    [
        ("uat", {"STAGE": "uat"}, True),
        ("uat", {"STAGE": "UAT"}, False),
        ("uat", {}, False),
        (True, {"STAGE": "true"}, True),
        (1.0, {"STAGE": "1"}, True),
        (2, {"STAGE": "2"}, True),
    ],
)
def test_an_entry_whose_condition_does_not_hold_needs_nothing(
    value: object, environment: dict[str, str], needed: bool
) -> None:
    found = entries(
        {"glob": "**", "replaceWithEnv": "SECRET_KEY", "replaceWhenEnv": [{"env": "STAGE", "value": value}]}
    )
    assert unset_variables(found, environment) == (("SECRET_KEY",) if needed else ())
    assert read_variables(found) == {"SECRET_KEY", "STAGE"}


def test_a_dollar_sign_in_a_value_is_noticed() -> None:
    found = entries({"glob": "**", "replaceWithEnv": "A"}, {"glob": "**", "replaceWithEnv": "B"})
    assert dollar_variables(found, {"A": "svc$&u@x", "B": "plain"}) == ("A",)


@pytest.mark.parametrize(
    "entry",
    [
        7,
        {"glob": "**"},
        {"glob": "**", "replaceWithEnv": 5},
        {"glob": "**", "replaceWithEnv": "X", "replaceWhenEnv": [{"env": "Y"}]},
        {"glob": "**", "replaceWithEnv": "X", "replaceWhenEnv": "Y"},
    ],
)
def test_an_entry_that_the_cli_cannot_use_is_an_error_with_its_file(entry: Any) -> None:
    with pytest.raises(InputError) as problem:
        entries(entry)
    assert problem.value.file == "sfdx-project.json"
    assert "ntry 1" in problem.value.message


def test_replacements_that_are_no_list_are_an_error() -> None:
    with pytest.raises(InputError, match="not a list"):
        read_replacements({"replacements": {"a": 1}}, file="sfdx-project.json")


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "SF_TARGET_ORG", "SF_AUTH_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "DEPLOY_ENV_SECRETS"]
)
def test_a_project_cannot_send_a_credential_of_the_job_to_the_org(name: str) -> None:
    condition = [{"env": name, "value": "x"}]
    for entry in ({"replaceWithEnv": name}, {"replaceWithEnv": "X", "replaceWhenEnv": condition}):
        with pytest.raises(InputError, match=f"`{name}`, which is a credential or set by wavegate"):
            refuse_reserved(entries({"glob": "**", **entry}), file="sfdx-project.json")
    refuse_reserved(entries({"glob": "**", "replaceWithEnv": "SF_CC_USERNAME"}), file="sfdx-project.json")


@pytest.mark.parametrize("name", ["X\nY", "A=B", "1X", "A B", "Ä"])
def test_what_cannot_be_a_variables_name_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="cannot be a variable's name"):
        refuse_reserved(entries({"glob": "**", "replaceWithEnv": name}), file="sfdx-project.json")
