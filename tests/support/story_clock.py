"""A clock that a test sets: what the product and the doubles take for the present."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from types import ModuleType
from typing import Any

import wavegate

_PATIENT = ("wavegate", "tests.doubles")
"""Packages whose modules read the clock."""


class StoryClock:
    """moment: the present, timezone-aware. It stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def advance(self, length: timedelta) -> None:
        """Move to a later moment."""
        self.moment += length

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show this time to every module of the product and of the doubles. Nothing but `now` is replaced."""

        class Shown(datetime, metaclass=_AnyDatetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                return clock.moment.astimezone(tz)

        clock = self
        modules = _modules()
        for module in modules:
            vars(module)["datetime"] = Shown
        try:
            yield
        finally:
            for module in modules:
                vars(module)["datetime"] = datetime


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


@cache
def _modules() -> list[ModuleType]:
    """The modules that hold the class. All are imported, as commands import theirs when they start."""
    for each in pkgutil.walk_packages(wavegate.__path__, "wavegate."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(_PATIENT) and vars(module).get("datetime") is datetime
    ]
