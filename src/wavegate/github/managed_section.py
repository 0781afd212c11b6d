"""A text of ours within a body or comment that people may edit, found again by its hidden marker."""

import re
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedSection:
    """A section of Markdown. key: says whose it is, safe in an HTML comment, the same at each run."""

    key: str
    text: str

    @property
    def start(self) -> str:
        """The marker's beginning, by which a body that holds the section is found."""
        return f"<!-- wavegate:{self.key} "

    @property
    def end(self) -> str:
        """The marker that closes the section."""
        return f"<!-- /wavegate:{self.key} -->"

    def render(self) -> str:
        """The section with its markers; the first one holds the text's digest."""
        return f"{self._opening()}\n{self.text}\n{self.end}"

    def is_in(self, body: str) -> bool:
        """Whether a body holds just this text, as it was written; ticks that people set since do not count."""
        return self._opening() in body

    def put_into(self, body: str) -> str:
        """The body with its section replaced. What people wrote around it stays; without markers nothing changes."""
        pattern = re.compile(re.escape(self.start) + ".*?" + re.escape(self.end), re.DOTALL)
        return pattern.sub(lambda _: self.render(), body, count=1)

    def _opening(self) -> str:
        return f"{self.start}sha256:{sha256(self.text.encode('utf-8', 'replace')).hexdigest()} -->"
