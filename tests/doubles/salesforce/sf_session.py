"""Where the stand-in for the CLI runs, and how it fails."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """The folder that the CLI is started in, and the org that its environment names."""

    folder: Path
    url: str
    token: str


class CliError(Exception):
    """The CLI exits with this code and prints this error. data: what it adds to it, if it has such a field."""

    def __init__(self, name: str, message: str, *, code: int = 1, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self._fields = {"name": name, "message": message, **data}

    def reply(self) -> dict[str, object]:
        """What the CLI prints."""
        return {"status": self.code, "exitCode": self.code, **self._fields}
