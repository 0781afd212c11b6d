"""Values of any type of ours, made from its annotations, so that a renderer can be given whatever it may get."""

import enum
import importlib
import inspect
import pkgutil
import random
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
from tests.support.sources import WrittenFiles

import wavegate
from wavegate.errors import WavegateError
from wavegate.files.source import Source

_DEPTH = 9
"""How deep values are nested before everything that may be missing is."""
CLEAN: Mapping[str, str] = {
    "url": "https://github.example/acme/agents/actions/runs/7",
    "commit": "a" * 40,
    "repository": "acme/agents",
    "zone": "Europe/Berlin",
    "owner": "@acme/agents",
    "verdict": "pass",
    "facts": "nothing is live",
}
"""What wavegate makes or checks itself, by the name of a field: addresses, commits, owners."""
_CLEAN_FIELDS: Mapping[str, str] = {
    "url": "url", "run_url": "url", "log_url": "url", "environment_url": "url", "server_url": "url", "page": "url",
    "run": "url", "attempt_url": "url", "workflow": "url", "release_url": "url", "opening": "url",
    "commit_url": "url",
    "commit": "commit", "sha": "commit", "base_sha": "commit", "digest": "commit", "content": "commit",
    "manifest_digest": "commit", "evidence": "commit",
    "repository": "repository",
    "time_zone": "zone",
    "verdict": "verdict", "facts": "facts",
    "owner": "owner", "owners": "owner", "reviewers": "owner", "review_owner": "owner",
}  # fmt: skip
OURS: Mapping[tuple[str, str], str] = {
    ("ExpandResult", "name"): "opened",
    ("Finding", "rule"): "manifest/no-key",
    ("Result", "name"): "opened",
    ("ProposedTask", "key"): "0123456789ab",
    ("Stratum", "title"): "Escalations",
    ("WrittenTask", "key"): "ba9876543210",
    ("markdown_report", "title"): "wavegate validate",
}
"""Texts that only the program itself chooses, by class and field or by function and parameter."""
_KEYS: Mapping[str, Sequence[str]] = {"acceptance": ("answer", "act"), "acceptance_tests": ("answer", "act")}
"""Keys of mappings that the schema fixes, by the name of a field."""
_SEQUENCES: tuple[object, ...] = (list, abc.Sequence, abc.Iterable, abc.Collection, abc.Iterator)
_SETS: tuple[object, ...] = (set, frozenset, abc.Set)


class CannotMakeError(Exception):
    """A type whose values nobody can make."""


@cache
def our_classes() -> Mapping[str, type]:
    """All classes of the product, whose names are unique, by name."""
    found: dict[str, type] = {}
    for module in pkgutil.walk_packages(wavegate.__path__, "wavegate."):
        if not module.name.endswith("__main__"):
            found |= {
                name: value
                for name, value in vars(importlib.import_module(module.name)).items()
                if inspect.isclass(value) and value.__module__ == module.name
            }
    return found


@cache
def hints(of: object) -> Mapping[str, Any]:
    """The types of a function's parameters or of a class's fields."""
    return typing.get_type_hints(of, localns=dict(our_classes()))


class Maker:
    """Makes values. seed: which of the many. text: makes the next text that a stranger wrote."""

    def __init__(self, seed: int, text: Callable[[], str]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same values in every run
        self._text = text

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Arguments for a function: all parameters whose types can be made, and those without a default."""
        made: dict[str, Any] = {}
        for name, parameter in inspect.signature(function).parameters.items():
            try:
                ours = OURS.get((function.__name__, name))
                made[name] = self.value(hints(function)[name], name) if ours is None else ours
            except CannotMakeError:
                if parameter.default is parameter.empty:
                    raise
        return made

    def value(self, type_: Any, name: str = "", depth: int = 0) -> Any:
        """A value of a type. name: of the field or parameter that it is for."""
        if isinstance(type_, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
            type_ = type_.__value__
        origin, inner = typing.get_origin(type_), typing.get_args(type_)
        if origin in (types.UnionType, typing.Union):
            return self._one_of(inner, name, depth)
        if origin is Literal:
            return self._random.choice(inner)
        if origin is not None:
            return self._collection(origin, inner, name, depth)
        if isinstance(type_, typing.NewType):
            return self.value(type_.__supertype__, name, depth)
        if inspect.isclass(type_) and issubclass(type_, enum.Enum):
            return self._random.choice(list(type_))
        if made := self._plain(type_, name):
            return made[0]
        if type_ is Source:
            return WrittenFiles({})
        if inspect.isclass(type_) and not getattr(type_, "_is_protocol", False):
            return self._object(type_, depth)
        raise CannotMakeError(f"{name}: {type_}")

    def _one_of(self, types_: tuple[Any, ...], name: str, depth: int) -> Any:
        may_be_missing = type(None) in types_
        if may_be_missing and (depth > _DEPTH or self._random.random() < 0.2):
            return None
        return self.value(self._random.choice([each for each in types_ if each is not type(None)]), name, depth)

    def _collection(self, origin: Any, inner: tuple[Any, ...], name: str, depth: int) -> Any:
        size = 0 if depth > _DEPTH else self._random.choice((0, 1, 1, 2, 3))
        if origin is tuple and (not inner or inner[-1] is not Ellipsis):
            return tuple(self.value(each, name, depth + 1) for each in inner)
        if origin is tuple or origin in _SETS or origin in _SEQUENCES:
            made = [self.value(inner[0], name, depth + 1) for _ in range(size)]
            return frozenset(made) if origin in _SETS else made if origin is list else tuple(made)
        if origin is abc.Callable:
            given = self.value(inner[-1], name, depth + 1)
            return lambda *_, **__: given
        if origin in (dict, abc.Mapping):
            keys = [self._key(inner[0], name, depth) for _ in range(size)]
            return {key: self.value(inner[1], name, depth + 1) for key in keys}
        raise CannotMakeError(f"{name}: {origin}")

    def _key(self, type_: Any, name: str, depth: int) -> Any:
        return self._random.choice(_KEYS[name]) if name in _KEYS else self.value(type_, "", depth + 1)

    def _plain(self, type_: Any, name: str) -> tuple[Any] | None:
        """A value of a built-in type, in a tuple; None for any other type."""
        if type_ is str:
            return (CLEAN[_CLEAN_FIELDS[name]] if name in _CLEAN_FIELDS else self._text(),)
        moment = datetime(2026, 11, 20, 9, self._random.randrange(60), tzinfo=UTC)
        made: Mapping[Any, Callable[[], Any]] = {
            bool: lambda: self._random.random() < 0.5,
            int: lambda: self._random.choice((0, 1, 3, 40)),
            float: lambda: self._random.choice((0.0, 0.05, 0.5, 0.97)),
            bytes: lambda: self._text().encode("utf-8", "replace"),
            datetime: lambda: moment,
            date: moment.date,
            time: moment.time,
            timedelta: lambda: timedelta(hours=moment.minute + 1),
            Path: lambda: Path(self._text().replace("\0", "") or "file"),
            PurePosixPath: lambda: PurePosixPath(self._text() or "file"),
            object: self._text,
            Any: self._text,
            type(None): lambda: None,
        }
        return (made[type_](),) if type_ in made else None

    def _object(self, type_: type, depth: int) -> Any:
        if type_.__name__ == "Owners":
            return type_(**{each.name: (CLEAN["owner"],) for each in fields(type_)})
        if is_dataclass(type_):
            names = [each.name for each in fields(type_) if each.init]
        elif issubclass(type_, msgspec.Struct):
            names = list(type_.__struct_fields__)
        elif hasattr(type_, "_fields"):
            names = list(type_._fields)
        elif issubclass(type_, WavegateError):
            return type_(self._text(), fix=self._text())
        else:
            raise CannotMakeError(f"{type_}")
        return type_(**{name: self._field(type_, name, depth) for name in names})

    def _field(self, type_: type, name: str, depth: int) -> Any:
        ours = OURS.get((type_.__name__, name))
        return self.value(hints(type_)[name], name, depth + 1) if ours is None else ours
