"""Fill a workflow template with the names of one repository.

A template is a complete workflow that only needs the reusable workflow that it calls. The promotion template has one
job for the first environment and one that depends on it; the second job is repeated for every further environment. A
form that a person dispatches offers the environments of the manifest, the last one first: GitHub preselects the first
choice, and what must be stopped or rolled back at night is in production.
"""

import json
import re
from collections.abc import Iterable

from wavegate.errors import InputError
from wavegate.setup.local.enterprise import caller_for_enterprise_server
from wavegate.setup.local.generated import FOLDER, local_call
from wavegate.setup.values import Setup
from wavegate.text import one_line, slug

_CALL = re.compile(r"uses: wavegate/wavegate/\.github/workflows/([a-z-]+)\.yml@0{40} # v\S+")
_BRANCHES = "branches: [main]"
_FORCE_APP = '"force-app/**", "sfdx-project.json", "**/.forceignore"'
_ENVIRONMENT = re.compile(r"(?m)^( {6})environment: .+\n")
_FIRST, _NEXT = "uat", "production"
_CHOICES = f"options: [{_NEXT}, {_FIRST}]"
_WATCHED = f"""'["{_NEXT}"]'"""
_SPECIAL = re.compile(r"[*?+!\[\]\\]")
_JOB = re.compile(r"(?m)^  (?=[\w-]+:$)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_NOT_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def fill(template: str, setup: Setup) -> str:
    """The filled template. InputError: GitHub would evaluate a name as an expression."""
    for name in (*setup.environments, setup.branch, setup.manifest, *setup.folders, *setup.inputs):
        if "${{" in name:
            message = (
                f"{one_line(name, 100)} contains `${{{{`, which GitHub evaluates as an expression in a workflow."
            )
            raise InputError(message, fix="Rename it.")
    text = _CALL.sub(lambda call: f"uses: {_called(call[1], setup)}", template)
    text = caller_for_enterprise_server(text) if setup.enterprise else text
    text = text.replace(_BRANCHES, f"branches: [{scalar(_pattern(setup.branch))}]")
    paths = ", ".join(json.dumps(each, ensure_ascii=False) for each in dict.fromkeys(_paths(setup)))
    text = text.replace(_FORCE_APP, paths)
    text = text.replace(_CHOICES, f"options: [{', '.join(scalar(each) for each in reversed(setup.environments))}]")
    text = text.replace(_WATCHED, _expression_text(json.dumps(setup.watched or setup.environments[-1:])))
    if setup.manifest:
        text = _ENVIRONMENT.sub(lambda match: f"{match[0]}{match[1]}manifest: {scalar(setup.manifest)}\n", text)
    head, jobs, rest = text.partition("jobs:\n")
    blocks = dict(zip((_FIRST, _NEXT), _JOB.split(rest)[1:], strict=False))
    if not all(blocks.get(name, "").startswith(f"{name}:\n") for name in (_FIRST, _NEXT)):
        return text
    return head + jobs + "\n".join(_jobs(blocks, setup))


def _called(name: str, setup: Setup) -> str:
    """The reusable workflow that a job calls: the one beside it, or that of a mirror by its commit."""
    if setup.local:
        return local_call(name)
    return f"{setup.actions}/{FOLDER}/{name}.yml@{setup.commit} # v{setup.version}"


def _paths(setup: Setup) -> Iterable[str]:
    """Path filters for the files of a release outside of agentforce/."""
    yield from (f"{_pattern(each)}/**" for each in setup.folders)
    yield from (_pattern(each) for each in setup.inputs)
    yield "**/.forceignore"
    if setup.manifest and not setup.manifest.startswith("agentforce/"):
        yield _pattern(setup.manifest)


def _pattern(name: str) -> str:
    """A filter that matches only this name. Source: GitHub's filter pattern cheat sheet."""
    return _SPECIAL.sub(r"\\\g<0>", name)


def _jobs(blocks: dict[str, str], setup: Setup) -> Iterable[str]:
    before = ""
    for name, job in zip(setup.environments, _job_ids(setup.environments), strict=True):
        template = _NEXT if before else _FIRST
        block = (
            blocks[template]
            .replace(f"{template}:\n", f"{job}:\n", 1)
            .replace(f"needs: {_FIRST}\n", f"needs: {before}\n")
        )
        block = block.replace(f"environment: {template}\n", f"environment: {scalar(name)}\n")
        block = block.replace(f"environment: {template}-check ", f"environment: {scalar(f'{name}-check')} ")
        yield f"  {block.rstrip()}\n"
        before = job


def _job_ids(environments: Iterable[str]) -> list[str]:
    """Unique job ids for the environments: letters, digits, `-` and `_`."""
    job_ids: list[str] = []
    for name in environments:
        job = slug(name)
        if not (job[0].isalpha() or job[0] == "_") or job.lower() in _NOT_TEXT:
            job = f"to-{job}"
        number = 2
        plain = job
        while job.lower() in {each.lower() for each in job_ids}:
            job, number = f"{plain}-{number}", number + 1
        job_ids.append(job)
    return job_ids


def _expression_text(text: str) -> str:
    """A text in an expression. Source: GitHub's expressions, literals."""
    return "'" + text.replace("'", "''") + "'"


def scalar(text: str) -> str:
    """The text as a YAML scalar: plain if every YAML version reads it as this text, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)
