"""Whether GitHub knows the owners that a manifest names."""

from collections.abc import Iterator, Mapping

from wavegate.github.repository_settings import OwnerAccess
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names, pluralize

MAX_OWNERS = 40
"""Maximum owners that GitHub is asked about, with one request or two for each."""


def owner_access_checks(found: Mapping[str, OwnerAccess | Unavailable], *, not_asked: int = 0) -> Iterator[Check]:
    """Whether the owners that the manifest names exist and have access to the repository; nothing without owners.

    not_asked: how many more owners there are, whom nobody asked about.
    """
    rule = "owners/access"
    answers = {each: _with(found, each) for each in OwnerAccess}
    if missing := answers[OwnerAccess.NOT_FOUND]:
        message = f"GitHub shows the token no {join_names(missing)}, whom the manifest names as owners."
        fix = "Correct the names in the manifest. If one is a secret team, use the token of one of its members."
        yield problem(rule, REPOSITORY, message, fix)
    if outside := answers[OwnerAccess.NO_ACCESS]:
        message = f"{join_names(outside)} cannot access the repository, which the manifest says they own parts of."
        fix = "Settings → Collaborators and teams: give them access; with write access they count as code owners."
        yield problem(rule, REPOSITORY, message, fix)
    refused = {each.message: each for each in found.values() if isinstance(each, Unavailable)}
    for message, each in refused.items():
        names = [name for name, answer in found.items() if answer == each]
        unread = Unavailable(message=f"Not checked, {join_names(names)}: {message}", fix=each.fix)
        yield unknown(rule, REPOSITORY, unread)
    if not_asked:
        message = f"{pluralize(not_asked, 'more owner')} of the manifest not checked: only {MAX_OWNERS} are."
        yield unknown(rule, REPOSITORY, Unavailable(message=message, fix="Name teams as owners instead of people."))
    if found and len(answers[OwnerAccess.HAS_ACCESS]) == len(found) and not not_asked:
        yield ok(rule, REPOSITORY, "All owners that the manifest names have access to the repository.")


def _with(found: Mapping[str, OwnerAccess | Unavailable], access: OwnerAccess) -> list[str]:
    return [name for name, answer in found.items() if answer is access]
