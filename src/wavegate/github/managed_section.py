"""A section that wavegate maintains in a body or comment that people may edit, found by its hidden marker."""

import re
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedSection:
    """A section of Markdown. key: identifies it; safe in an HTML comment, and the same in every run."""

    key: str
    text: str

    @property
    def start(self) -> str:
        """The beginning of the opening marker, by which a body with the section is found."""
        return f"<!-- wavegate:{self.key} "

    @property
    def end(self) -> str:
        """The marker that closes the section."""
        return f"<!-- /wavegate:{self.key} -->"

    def render(self) -> str:
        """The section with its markers; the opening one holds the text's digest."""
        return f"{self._opening()}\n{self.text}\n{self.end}"

    def is_in(self, body: str) -> bool:
        """Whether a body has the section with this exact text; boxes that people have ticked since do not count."""
        return self._opening() in body

    def put_into(self, body: str) -> str:
        """The body with its section replaced; text around it stays, and a body without the markers is unchanged."""
        pattern = re.compile(re.escape(self.start) + ".*?" + re.escape(self.end), re.DOTALL)
        return pattern.sub(lambda _: self.render(), body, count=1)

    def _opening(self) -> str:
        return f"{self.start}sha256:{sha256(self.text.encode('utf-8', 'replace')).hexdigest()} -->"
