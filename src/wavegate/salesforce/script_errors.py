"""What `sf agent publish` and `sf agent validate` report: success, errors of the script, or a failure on the way.

Their exit codes are not used: 1 stands for errors of the script and for many failures. Source: `@salesforce/
plugin-agent` 2.2.3 and `@salesforce/agents` 2.3.1, run against a double.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wavegate.errors import InputError, ServiceError, UncertainError, WavegateError
from wavegate.text import one_line

Clean = Callable[[str], str]
_SHOWN = 5
NO_ANSWER = "ETIMEDOUT|ECONN|ENOTFOUND|EAI_AGAIN|socket hang up|ERROR_HTTP_5|SERVER_UNAVAILABLE"
"""What the CLI reports if the org did not answer, as alternatives of a pattern."""
_PASSING = re.compile(f"{NO_ANSWER}|UND_ERR|fetch failed|ERROR_HTTP_429")
_NO_ACCESS = ("AgentApiNotFound", "ApiAccessError", "InvalidJwtToken")
_ACCESS = (
    "Let the login user use Agentforce, and give its connected app the scopes chatbot_api, sfap_api and web. "
    "Then run the command again."
)


def check_script(answer: Mapping[str, Any], *, task: str, script: str, file: str, clean: Clean) -> None:
    """Check that the CLI did what it was asked to do with a script.

    task: the command, for messages. file: the script's path. clean: removes secrets from a text. InputError: the
    script does not compile (with file and line), or the org refused it. UncertainError: the request may have been
    carried out.
    """
    result = answer.get("result")
    if answer.get("status") == 0 and isinstance(result, dict) and result.get("success") is True:
        return
    raise _error(answer, task=task, script=script, file=file, clean=clean)


def _error(answer: Mapping[str, Any], *, task: str, script: str, file: str, clean: Clean) -> WavegateError:
    name = one_line(str(answer.get("name", "")), 60)
    detail = one_line(clean(str(answer.get("message") or "it gave no reason")), 400).rstrip(". ")
    if name == "CompileAgentScriptError":
        return _compile_error(answer, script=script, file=file, detail=detail)
    message = f"{task} failed for {script}: {name} {detail}."
    if _PASSING.search(f"{name} {detail} {answer.get('cause', '')}"):
        return UncertainError(message, fix="Run the command again: it looks for the version first.")
    if name in _NO_ACCESS:
        kind = ServiceError if task.endswith("validate`") else InputError
        return kind(message, fix=_ACCESS)
    return InputError(message, fix="Fix the problem that it reports, and run the command again.")


def _compile_error(answer: Mapping[str, Any], *, script: str, file: str, detail: str) -> InputError:
    data = answer.get("data")
    errors = list(_errors(data.get("errors") if isinstance(data, dict) else None))
    shown = "; ".join(f"line {line}: {text}" for line, _, text in errors[:_SHOWN]) or detail
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    line, column, _ = errors[0] if errors else (None, None, "")
    return InputError(
        f"The script of {script} does not compile: {file}: {shown}{more}.",
        fix="Fix the script, and run the release again.",
        file=file,
        line=line,
        column=column,
    )


def _errors(values: object) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of each compilation error that has them."""
    for each in values if isinstance(values, list) else ():
        if isinstance(each, dict) and isinstance(each.get("lineStart"), int):
            column = each.get("colStart")
            text = one_line(f"{each.get('errorType', '')} {each.get('description', '')}", 200).strip()
            yield each["lineStart"], column if isinstance(column, int) else 1, text
