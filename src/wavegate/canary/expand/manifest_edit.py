"""Edits a manifest for a step of a canary, and leaves every other byte as it is."""

import json
import re
from typing import Any

from wavegate.canary.expand.next_step import PendingStep
from wavegate.errors import InputError
from wavegate.files.document import Document
from wavegate.files.insertions import Insertion, TextLines, UnforeseenLayoutError, inserted
from wavegate.files.schema import read_by_schema
from wavegate.files.yaml_places import PlacedDocument, PlacedValue, read_places
from wavegate.release.reading import first_error, read_document
from wavegate.text import one_line

_ALL = "all-at-once"
_PLAIN = re.compile(r"[A-Za-z][\w.@-]*(?: [\w.@-]+)*", re.ASCII)
_NOT_TEXT = frozenset({"null", "true", "false"})


def edit_manifest(data: bytes, *, path: str, environment: str, step: PendingStep) -> bytes:
    """The manifest with the next step of an environment's canary.

    data: of a manifest that was read without an error. InputError: it is written in a way that cannot be edited, such
    as a value that an alias shares with another environment; names the line.
    """
    document, values = _read(data, path)
    if values is None:
        raise first_error(document.findings)
    edit = _Edit(document, environment, path)
    try:
        insertions = [edit.release_to_everybody()] if step.joining is None else edit.add_cohorts(step.joining)
    except UnforeseenLayoutError as error:
        raise edit.not_editable(error.at) from None
    edited = inserted(document.text, insertions).encode()
    if _read(edited, path)[1] != _expected(values, environment, step):
        raise edit.not_editable(edit.environment.start)
    return edited


def _read(data: bytes, path: str) -> tuple[Document, Any]:
    document = read_document(data, path=path)
    return document, read_by_schema(document, "manifest")


def _expected(values: Any, environment: str, step: PendingStep) -> Any:
    """The values that the edited manifest must have: those of before, and this one change."""
    environments = [dict(each) for each in values["environments"]]
    own = next(each for each in environments if each["name"] == environment)
    if step.joining is None:
        own["rollout"] = _ALL
    else:
        own["pilotUsers"] = [*own.get("pilotUsers", ()), *step.joining]
    return {**values, "environments": environments}


class _Edit:
    """The places of one environment in a manifest, and the edits there."""

    def __init__(self, document: Document, environment: str, path: str) -> None:
        self.document, self.text, self.path, self.name = document, document.text, path, environment
        try:
            self.places: PlacedDocument = read_places(document.text)
        except ValueError:
            raise self.not_editable(0) from None
        self.lines = TextLines(self.text)
        entry = self._own(self.places.root, "environments", "environments")
        index = self._index(entry)
        self.environment = self._unshared(entry.items[index], f"environment `{one_line(environment, 100)}`")

    def release_to_everybody(self) -> Insertion:
        rollout = self._own(self.environment, "rollout", "rollout")
        start = rollout.start + (len(rollout.anchor) + 1 if rollout.anchor else 0)
        lead = len(self.text[start : rollout.end]) - len(self.text[start : rollout.end].lstrip(" "))
        return start + lead, rollout.end, _written(_ALL, rollout.quote)

    def add_cohorts(self, names: tuple[str, ...]) -> list[Insertion]:
        if "pilotUsers" not in self.environment.entries:
            return self._add_list(names)
        cohorts = self._own(self.environment, "pilotUsers", "pilotUsers")
        if not cohorts.items:
            raise self.not_editable(cohorts.start)
        quote = cohorts.items[-1].quote
        written = [_written(each, quote) for each in names]
        return self.lines.append_items(cohorts, written)

    def _add_list(self, names: tuple[str, ...]) -> list[Insertion]:
        """A new `pilotUsers` after `rollout`."""
        key, rollout = self.environment.entries["rollout"]
        written = [_written(each, key.quote) for each in names]
        if not self.environment.is_flow:
            indent, at = " " * (key.start - self.lines.line_start(key.start)), self.lines.line_end(rollout.end)
            lines = "".join(f"{self.lines.newline}{indent}  - {each}" for each in written)
            return [(at, at, f"{self.lines.newline}{indent}{_written('pilotUsers', key.quote)}:{lines}")]
        before = self.text[self.lines.line_start(key.start) : key.start]
        own_line = before.strip() == ""
        separator = f",{self.lines.newline}{before}" if own_line else ", "
        entry = f"{separator}{_written('pilotUsers', key.quote)}: [{', '.join(written)}]"
        return [(rollout.end, rollout.end, entry)]

    def _own(self, mapping: PlacedValue, key: str, what: str) -> PlacedValue:
        """The value of a key. InputError: it is shared with another place by an alias."""
        if key not in mapping.entries:
            raise self.not_editable(mapping.start)
        return self._unshared(mapping.entries[key][1], f"`{what}`")

    def _unshared(self, value: PlacedValue, what: str) -> PlacedValue:
        if value.alias:
            raise self._shared(what, value.start, f"is the alias `*{one_line(value.alias, 80)}`")
        if value.anchor and (uses := self.places.aliases.get(value.anchor)):
            line = self.document.location(uses[0]).line
            repeated = f"has the anchor `&{one_line(value.anchor, 80)}`, which line {line} repeats"
            raise self._shared(what, value.start, repeated)
        return value

    def _shared(self, what: str, at: int, why: str) -> InputError:
        place = self.document.location(at)
        return InputError(
            f"The next step cannot be written into the manifest: {what} of {one_line(self.name, 100)}, in line"
            f" {place.line}, {why}. An edit would change both places.",
            fix="Write the value out in both places, without anchor and alias, and run the command again.",
            file=self.path,
            line=place.line,
            column=place.column,
        )

    def not_editable(self, at: int) -> InputError:
        """The error for a manifest that is written in a way that is not foreseen."""
        place = self.document.location(at)
        return InputError(
            f"The next step cannot be written into the manifest: line {place.line} is not written as a plain list"
            " or value.",
            fix="Write `pilotUsers` with one cohort in a line, and run the command again; or edit it yourself.",
            file=self.path,
            line=place.line,
            column=place.column,
        )

    def _index(self, environments: PlacedValue) -> int:
        for index, each in enumerate(environments.items):
            if "name" in each.entries and each.entries["name"][1].text == self.name:
                return index
        # written with an alias somewhere
        return self._by_value(environments)

    def _by_value(self, environments: PlacedValue) -> int:
        values = read_by_schema(self.document, "manifest")
        names = [each["name"] for each in values["environments"]] if values else []
        if self.name not in names:
            raise self.not_editable(environments.start)
        return names.index(self.name)


def _written(name: str, quote: str) -> str:
    """A text as YAML, quoted like its neighbor."""
    if quote == "'":
        return "'" + name.replace("'", "''") + "'"
    if quote != '"' and _PLAIN.fullmatch(name) and name.casefold() not in _NOT_TEXT:
        return name
    return json.dumps(name, ensure_ascii=False)
