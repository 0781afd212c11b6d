"""The runbook within its file: people may write around it, and a check notices when it is stale."""

from collections.abc import Iterator

from wavegate.findings.finding import Finding, Location, warning
from wavegate.github.managed_section import ManagedSection

PATH = "agentforce/RUNBOOK.md"
"""Where the runbook is, unless a command names another file."""
KEY = "runbook"


def with_runbook(text: str, page: str) -> str:
    """The file with the page in its section. text: the file, '' for a new one; the rest of it stays as it is."""
    section = ManagedSection(key=KEY, text=page.rstrip("\n"))
    if section.start in text:
        return section.put_into(text)
    return "\n\n".join(part for part in (text.rstrip("\n"), section.render()) if part) + "\n"


def stale_findings(text: str, page: str, *, path: str) -> Iterator[Finding]:
    """A warning if the file's section is not the page. A file without the section is people's own.

    Not an error: the pull request of a rollback changes the manifest alone, and must not wait for a runbook.
    """
    section = ManagedSection(key=KEY, text=page.rstrip("\n"))
    if section.start not in text or with_runbook(text, page) == text:
        return
    now, wanted = text.splitlines(), with_runbook(text, page).splitlines()
    # the first line of the section has its digest, which always differs
    lines = (number for number, pair in enumerate(zip(now, wanted, strict=False), 1) if pair[0] != pair[1])
    first = next((each for each in lines if not now[each - 1].startswith(section.start)), len(now) or 1)
    said = now[first - 1].strip() if first <= len(now) else ""
    yield warning(
        "runbook/stale",
        Location(file=path, line=first),
        f"The runbook no longer says what the release does; the first difference is `{said[:80]}`.",
        "Run `wavegate runbook` and commit the file.",
    )
