"""What an org has of a package, retrieved by the Salesforce CLI.

The CLI asks the Metadata API by SOAP. It exits with 0 whether the org's job succeeded or failed, and whether the org
has all, some or none of the members: its JSON says which.
Source: tried with `@salesforce/cli` 2.150.6; plugin-deploy-retrieve, `commands/project/retrieve/start`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.script_errors import NO_ANSWER
from wavegate.text import join_names, one_line

_MISSING = re.compile(r"Entity of type '(.+)' named '(.+)' cannot be found")
_PASSING = re.compile(rf"{NO_ANSWER}|\bTypeError\b|timed out|UNKNOWN_EXCEPTION|REQUEST_LIMIT")
_MINUTES = 14
"""How long the CLI waits for the org; less than wavegate waits for the CLI."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievedPackage:
    """What an org has of a package. folder: its files, in the format of a package.

    missing: type and name of what it does not have.
    """

    folder: Path
    missing: frozenset[tuple[str, str]]


def retrieve_package(cli: Cli, package: Path, output: Path, *, folder: Path) -> RetrievedPackage:
    """Retrieve the members of a package manifest. output: a folder that does not exist.
    folder: of a Salesforce project, whose settings say what a type is.

    InputError: the org refused it, or does not show something that it may have. ServiceError: it did not answer.
    """
    answer = cli.run(
        [
            "project", "retrieve", "start", "--manifest", str(package), "--target-metadata-dir", str(output),
            "--single-package", "--unzip", "-w", str(_MINUTES),
        ],
        folder=folder,
    )  # fmt: skip
    result = answer.get("result")
    if not isinstance(result, dict) or result.get("status") != "Succeeded":
        raise _failure(cli, answer, result if isinstance(result, dict) else {})
    problems = [str(each.get("problem", "")) for each in _messages(result)]
    found = [(problem, _MISSING.fullmatch(problem)) for problem in problems]
    if unreadable := [one_line(problem, 200) for problem, match in found if match is None]:
        message = f"The org does not show everything that the release has: {join_names(unreadable)}."
        raise InputError(message, fix="Give the login user access to it, then run the command again.")
    # the CLI names its folder after the archive
    return RetrievedPackage(
        folder=output / "unpackaged",
        missing=frozenset((match[1], match[2]) for _, match in found if match),
    )


def _messages(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = result.get("messages") or []
    listed = messages if isinstance(messages, list) else [messages]
    return [each if isinstance(each, dict) else {"problem": str(each)} for each in listed]


def _failure(cli: Cli, answer: Mapping[str, Any], result: Mapping[str, Any]) -> InputError | ServiceError:
    said = {"name": result.get("errorStatusCode"), "message": result.get("errorMessage")}
    name, detail = cli.reason({**answer, **{key: value for key, value in said.items() if value}})
    message = f"`sf project retrieve start` got nothing from the org: {name} {detail}."
    if _PASSING.search(f"{name} {detail} {answer.get('cause', '')}"):
        return ServiceError(message, fix="Run the command again.")
    fix = "Fix the problem that it reports, and run the command again."
    if "INVALID_SESSION" in f"{name} {detail}" and cli.session and cli.session.access_token.count(".") == 2:
        fix = "An org takes access tokens in JWT form for this from API version 68 on: log in in another way."
    return InputError(message, fix=fix)
