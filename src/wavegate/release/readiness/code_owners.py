"""Compares the owners that a manifest names with the file CODEOWNERS."""

from collections.abc import Iterator

from wavegate.findings.finding import Finding, Locate, notice
from wavegate.release.manifest import Manifest
from wavegate.text import join_names

CODE_OWNERS_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order; the first that exists counts. Source: docs.github.com, "About code owners"."""


def owners_named(manifest: Manifest) -> tuple[str, ...]:
    """Every owner that the manifest names anywhere, once; case is ignored, as on GitHub."""
    found = {each.casefold(): each for each in _owners(manifest)}
    return tuple(found[each] for each in sorted(found))


def code_owners_findings(manifest: Manifest, locate: Locate, code_owners: str) -> Iterator[Finding]:
    """One notice about the owners that CODEOWNERS never names. code_owners: its text."""
    known = {
        word.casefold()
        for line in code_owners.splitlines()
        for word in line.partition("#")[0].split()[1:]
        if word.startswith("@")
    }
    missing = [each for each in owners_named(manifest) if each.casefold() not in known]
    if missing:
        yield notice(
            "readiness/not-in-code-owners",
            locate("owners", key=True),
            f"CODEOWNERS does not name {join_names(missing)}, whom the manifest names as owners.",
            "Check the names for typing errors, or name them in CODEOWNERS beside the files they own.",
        )


def _owners(manifest: Manifest) -> Iterator[str]:
    owners = manifest.owners
    for group in (owners.release, owners.dashboards, owners.escalations, owners.kill_switch):
        yield from group
    for role in manifest.roles:
        yield from role.owners
    single = [each.owner for each in manifest.details]
    single += [each.owner for each in manifest.rollback]
    single += [each.owner for each in manifest.journeys]
    yield from filter(None, (*single, manifest.review_owner))
