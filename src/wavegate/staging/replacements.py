"""The `replacements` of a `sfdx-project.json`: what the CLI changes in files while it sends them.

A deployment fails, after its approval, if a variable that a shipped file needs is not set. So they are found here.
Source: source-deploy-retrieve, convert/replacements: `filename` matches the end of a file's path and `glob` a path
below any folder; an entry whose `replaceWhenEnv` does not hold is dropped; `allowUnsetEnvVariable` inserts nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wavegate.errors import InputError
from wavegate.staging.globs import matches_glob
from wavegate.text import one_line

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = re.compile(
    "GITHUB_TOKEN|GH_TOKEN|ACTIONS_.*|DEPLOY_ENV_SECRETS|SF_ACCESS_TOKEN|SF_AUTH_URL|SF_JWT_KEY|SF_ORG_INSTANCE_URL"
    "|SF_TARGET_ORG|HOME|USERPROFILE",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """One entry. variable: inserts its value. file: inserts its contents; a path relative to the project. Else None.

    filename, pattern: the files that it changes, by the end of their path and by a glob; None if it has none.
    when: values that variables must have. text: what it replaces; None if that is a pattern.
    """

    filename: str | None
    pattern: str | None
    variable: str | None
    file: str | None
    when: tuple[tuple[str, str], ...]
    allows_unset: bool
    text: str | None = None

    def matches(self, path: str) -> bool:
        """Whether it changes a file. path: POSIX, relative to the checkout."""
        by_name = self.filename is not None and f"/{path}".endswith(self.filename)
        return by_name or (self.pattern is not None and matches_glob(path, self.pattern))

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Whether it applies where these variables are set."""
        return all(environment.get(name) == value for name, value in self.when)


def read_replacements(settings: Mapping[str, Any], *, file: str) -> tuple[Replacement, ...]:
    """The entries of a project's settings. file: the path of `sfdx-project.json`. InputError for an unusable one."""
    entries = settings.get("replacements") or []
    if not isinstance(entries, list):
        raise _unusable("`replacements` is not a list.", file)
    return tuple(_read(entry, number, file) for number, entry in enumerate(entries, 1))


def applying(replacements: Iterable[Replacement], paths: Sequence[str]) -> tuple[Replacement, ...]:
    """The entries that change at least one of these files, whatever the environment."""
    return tuple(each for each in replacements if any(each.matches(path) for path in paths))


def needed_variables(replacements: Iterable[Replacement]) -> tuple[str, ...]:
    """The variables that these entries insert and do not allow to be unset, sorted. Some may have conditions."""
    return tuple(sorted({each.variable for each in replacements if each.variable and not each.allows_unset}))


def read_variables(replacements: Iterable[Replacement]) -> frozenset[str]:
    """Every variable that these entries read: to insert it, or as a condition."""
    return frozenset(
        name for each in replacements for name in (each.variable, *(name for name, _ in each.when)) if name
    )


def refuse_reserved(replacements: Iterable[Replacement], *, file: str) -> None:
    """InputError for an entry that reads a credential of the job, or a variable that wavegate sets for the CLI.

    A project's file must not decide that a token is sent to the org as metadata.
    """
    for name in sorted(read_variables(replacements)):
        if not _NAME.fullmatch(name):
            raise _unusable(f"`replacements` read `{one_line(name, 60)}`, which cannot be a variable's name.", file)
        if _RESERVED.fullmatch(name):
            message = f"`replacements` read the variable `{name}`, which is a credential or set by wavegate."
            raise InputError(message, fix="Use a variable of your own.", file=file)


def unset_variables(replacements: Iterable[Replacement], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that these entries need and this environment does not set, sorted."""
    holding = [each for each in replacements if each.holds(environment)]
    return tuple(name for name in needed_variables(holding) if name not in environment)


def dollar_variables(replacements: Iterable[Replacement], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables whose value contains a `$`, sorted: the CLI may not insert it as it is.

    Source: the CLI calls JavaScript's String.replace, which interprets `$&`, `$1` and `$$` in what it inserts.
    """
    inserted = {each.variable for each in replacements if each.variable and each.holds(environment)}
    return tuple(sorted(name for name in inserted if "$" in environment.get(name, "")))


def _read(entry: object, number: int, file: str) -> Replacement:
    if not isinstance(entry, dict):
        raise _unusable(f"Entry {number} of `replacements` is not an object.", file)
    variable, path = _text(entry, "replaceWithEnv"), _text(entry, "replaceWithFile")
    if variable is None and path is None:
        raise _unusable(f"Entry {number} of `replacements` has neither `replaceWithEnv` nor `replaceWithFile`.", file)
    return Replacement(
        filename=_text(entry, "filename"),
        pattern=_text(entry, "glob"),
        variable=variable,
        file=path if variable is None else None,
        when=tuple(_conditions(entry.get("replaceWhenEnv") or [], number, file)),
        allows_unset=entry.get("allowUnsetEnvVariable") is True,
        text=_text(entry, "stringToReplace") or None,
    )


def _conditions(entries: object, number: int, file: str) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict) or not isinstance(entry.get("env"), str) or "value" not in entry:
            raise _unusable(f"`replaceWhenEnv` in entry {number} of `replacements` lacks `env` or `value`.", file)
        yield entry["env"], _javascript_text(entry["value"])


def _javascript_text(value: object) -> str:
    """A JSON value as JavaScript's toString writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"\.0$", "", repr(value)) if isinstance(value, float) else str(value)


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) else None


def _unusable(message: str, file: str) -> InputError:
    return InputError(
        message, fix="Correct the entry, as the Salesforce CLI's documentation describes it.", file=file
    )
