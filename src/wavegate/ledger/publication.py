"""Which version an Agent Script was published as in an org: its lines in the ledger.

`publish: Support_Agent after v3 9f86…` is written before a script is published, `script: Support_Agent v4 9f86…` as
soon as its version is known. Every org numbers versions by itself, so these lines are the only record of which
version has which script.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_ABOUT = re.compile(r"publish: (\w{1,80}) after (?:v([0-9]{1,9})|none) ([0-9a-f]{32})")
_KNOWN = re.compile(r"script: (\w{1,80}) v([0-9]{1,9}) ([0-9a-f]{32})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """The publication of a script in one org.

    agent: API name. digest: of the script. after: the agent's newest version before it; None without versions.
    version: what it was published as; None while that is unknown.
    """

    agent: str
    digest: str
    after: int | None = None
    version: int | None = None


def publication_lines(publications: Iterable[Publication]) -> list[str]:
    """Status descriptions of publications, one for each: of its version, once known."""
    return [_line(each) for each in publications]


def _line(publication: Publication) -> str:
    agent, digest = publication.agent, publication.digest
    if publication.version is not None:
        return f"script: {agent} v{publication.version} {digest}"
    return f"publish: {agent} after {'none' if publication.after is None else f'v{publication.after}'} {digest}"


def parse_publications(descriptions: Iterable[str]) -> tuple[Publication, ...]:
    """The publications in status descriptions, oldest first; a later line completes or replaces an earlier one."""
    found: dict[tuple[str, str], Publication] = {}
    for text in descriptions:
        if match := _ABOUT.fullmatch(text):
            agent, after, digest = match[1], match[2], match[3]
            found[agent, digest] = Publication(agent=agent, digest=digest, after=int(after) if after else None)
        elif match := _KNOWN.fullmatch(text):
            agent, version, digest = match[1], int(match[2]), match[3]
            known = found.get((agent, digest), Publication(agent=agent, digest=digest))
            found[agent, digest] = replace(known, version=version)
    return tuple(found.values())


def publication_of(publications: Iterable[Publication], agent: str, digest: str) -> Publication | None:
    """The last publication of that script, or None. Case in the agent's name is ignored, as on the platform."""
    matching = [each for each in publications if each.agent.casefold() == agent.casefold() and each.digest == digest]
    return matching[-1] if matching else None
