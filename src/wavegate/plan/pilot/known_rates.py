"""What a plan's canary can settle with the sessions that its cohorts really have."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from wavegate.errors import InputError
from wavegate.plan.values import Plan
from wavegate.release.manifest import Canary, Environment, Manifest
from wavegate.statistics.canary.power import canary_powers
from wavegate.telemetry.kept.file import read_kept
from wavegate.telemetry.kept.rates import known_rates
from wavegate.text import join_names, one_line


def with_known_rates(
    plan: Plan, manifest: Manifest, environment: Environment, file: Path, *, warn: Callable[[str], None]
) -> Plan:
    """The plan with what its canary can settle, from the daily sums of a file; as it is without a canary.

    warn: takes a sentence if the file has no session of the cohorts. InputError: it holds no daily sums.
    """
    if environment.rollout != "canary":
        return plan
    found, problems = read_kept(file)
    if problems or not found:
        raise InputError(
            problems[0] if problems else f"{one_line(file.name, 200)} does not exist.",
            fix="Write it with `wavegate telemetry sums ENV`.",
        )
    settings, cohorts = environment.canary or Canary(steps=()), environment.current_cohorts
    known = known_rates(
        found[0],
        agents=[each.name for each in manifest.agents],
        cohorts=cohorts,
        window=settings.baseline_window,
    )
    if not known:
        named = join_names([one_line(each, 100) for each in cohorts])
        warn(f"{one_line(file.name, 200)} has no session of the cohorts {named} with the release's agents.")
    return replace(plan, canary_powers=canary_powers(environment.canary, known))
