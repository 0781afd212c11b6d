"""A changelog that people may edit, in which each release has a section that wavegate keeps."""

import re

from wavegate.github.managed_section import ManagedSection
from wavegate.text import slug

_HEADING = re.compile(r"(?m)^# .*\n+")
_ANY = re.compile(r"(?m)^<!-- wavegate:release-")


def with_release(text: str, section: str, *, release: str, commit: str) -> str:
    """The changelog with a release's section: replaced where it is, else above the newest one.

    text: the file, '' for a new one; everything outside the section stays as it is. commit: distinguishes releases of
    the same name.
    """
    managed = ManagedSection(key=f"release-{slug(release, 40)}-{commit[:12]}", text=section.rstrip("\n"))
    if managed.start in text:
        return managed.put_into(text)
    text = text or "# Changelog\n"
    place = _ANY.search(text) or _HEADING.match(text)
    at = len(text) if place is None else place.start() if place.re is _ANY else place.end()
    before, after = text[:at].rstrip("\n"), text[at:].lstrip("\n")
    return "\n\n".join(part for part in (before, managed.render(), after) if part).rstrip("\n") + "\n"
