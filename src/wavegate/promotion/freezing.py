"""The rule of freeze windows: until when, why, and who may promote regardless."""

from collections.abc import Iterator
from datetime import datetime

from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.freeze import FrozenUntil, freeze_at
from wavegate.release.manifest import Manifest
from wavegate.text import join_names, one_line


def freeze_refusals(manifest: Manifest, environment: str, *, actor: str, now: datetime) -> Iterator[Refusal]:
    """The refusal of a promotion in a freeze; nothing outside of one.

    actor: login of the person who started this attempt, '' if unknown. now: timezone-aware.
    """
    frozen = freeze_at(manifest.freeze, environment, now)
    if frozen is None:
        return
    where = one_line(environment, 100)
    yield Refusal(
        rule=RefusalRule.FROZEN,
        message=f"{where} is frozen until {frozen.local_end}: {one_line('; '.join(frozen.reasons), 300)}.",
        fix=f"Nothing to fix in the release. Re-run all jobs after {frozen.local_end}. {_pass(frozen, actor)}",
        final=not frozen.may_pass(actor),
    )


def _pass(frozen: FrozenUntil, actor: str) -> str:
    """Who may promote regardless, as a sentence."""
    if frozen.may_pass(actor):
        return "If it cannot wait, start the workflow with `Run workflow` and give a reason for the override."
    limited = [each.freeze.passes for each in frozen.windows if each.freeze.passes]
    logins = [login for login in limited[0] if frozen.may_pass(login)]
    if not logins:
        return "Nobody may override it, because its windows name different people under `pass`."
    people = join_names([f"@{one_line(each, 60)}" for each in logins])
    return f"If it cannot wait, only {people} may override it, by starting the workflow with `Run workflow`."
