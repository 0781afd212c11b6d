"""What a decision is about, and the in-toto statement that a decision file is.

Source: github.com/in-toto/attestation, spec/v1/statement.md and resource_descriptor.md.
"""

import json
from typing import Final, Protocol, TypeVar

import msgspec

from wavegate.errors import InputError
from wavegate.evidence.observation import Wire

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
MAX_STATEMENT_BYTES = 8 * 1024 * 1024
"""Size limit of a decision file."""


class Resource(Wire, frozen=True, kw_only=True):
    """A file or commit and its digest. digest: hexadecimal, keyed by `sha256` or `gitCommit`."""

    name: str
    digest: dict[str, str]


class _Predicate(Protocol):
    @property
    def subject(self) -> tuple[Resource, ...]: ...


class _Statement(Protocol):
    @property
    def subject(self) -> tuple[Resource, ...]: ...
    @property
    def predicate(self) -> _Predicate: ...


S = TypeVar("S", bound=_Statement)


def statement_to_json(statement: msgspec.Struct) -> bytes:
    """Content of a decision file: UTF-8 JSON; the same statement gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(statement), indent=2) + b"\n"


def statement_from_json(data: bytes, kind: type[S], *, path: str, what: str, fix: str) -> S:
    """Parse a decision file. kind: of the statement. what: a statement of this kind, such as `a wavegate decision`.

    InputError, with the fix: it is not one, or its subject does not match its predicate. This checks the form only:
    only a digest or a signature over its bytes shows who wrote the file.
    """
    if len(data) > MAX_STATEMENT_BYTES:
        raise InputError(f"The decision file is larger than {MAX_STATEMENT_BYTES:,} bytes.", fix=fix, file=path)
    try:
        statement = msgspec.json.decode(data, type=kind)
        json.loads(data, object_pairs_hook=_reject_duplicates)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InputError(f"The file is not {what}: {error}.", fix=fix, file=path) from error
    if statement.subject != statement.predicate.subject:
        raise InputError("The statement's subject does not match its predicate.", fix=fix, file=path)
    return statement


def _reject_duplicates(pairs: list[tuple[str, object]]) -> None:
    """Reject a duplicate key: this parser keeps its last value, but others may keep the first."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("duplicate key")
