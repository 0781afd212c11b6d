"""Compares versions of wavegate."""

import re


def newer_than(version: str, other: str) -> bool:
    """Whether a version is newer than another, by its numbers alone."""
    return _numbers(version) > _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    head = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(each) for each in head[0].split(".")) if head else ()
