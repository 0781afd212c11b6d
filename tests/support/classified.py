"""The classes of files that a test writes down."""

from collections.abc import Mapping

from wavegate.files.source import Source
from wavegate.guardrails.classes.classify import classify_files
from wavegate.guardrails.classes.release_files import release_file_reason
from wavegate.guardrails.classes.values import ClassifiedFile
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.read import read_guardrails


class Anywhere:
    """A source of files at any path."""

    def __init__(self, files: Mapping[str, str], *, unreadable: tuple[str, ...] = ()) -> None:
        self.files = {"sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}', **files}
        self.unreadable = unreadable

    def paths(self) -> list[str]:
        return sorted([*self.files, *self.unreadable])

    def read(self, paths: object) -> Mapping[str, bytes]:
        assert hasattr(paths, "__iter__")
        return {path: self.files[path].encode() for path in paths if path in self.files}


def classified(before: Source, after: Source, changed: list[str]) -> tuple[ClassifiedFile, ...]:
    rails = read_guardrails(before), read_guardrails(after)
    return classify_files(changed, (before, after), rails, compare_guardrails(*rails), release_file_reason)
