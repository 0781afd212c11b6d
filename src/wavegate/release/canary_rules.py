"""Rules for one environment's canary: its cohorts, steps and metrics."""

from collections.abc import Iterator

from wavegate.findings.finding import Finding, Locate, error, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Canary, CanaryMetric, Environment, Manifest


def canary_findings(environment: Environment, manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    """Problems of an environment's canary. locate: relative to the environment's entry."""
    if environment.rollout != "canary":
        yield from _without_rollout(environment, locate)
        return
    canary = environment.canary
    if canary is None:
        return
    if not environment.pilot_users and canary.steps[0].cohorts is None:
        yield error(
            "canary/no-cohorts",
            locate("rollout"),
            f"The canary of `{environment.name}` has no cohort to start with.",
            "List the first cohorts in `pilotUsers`, or in the first of `canary.steps`.",
        )
        return
    known = {*environment.pilot_users, *(each.name for each in manifest.cohorts)}
    yield from _steps(canary, known, locate)
    yield from _metrics(canary, locate)
    if canary.initial_delay + canary.interval > canary.progress_deadline:
        yield error(
            "canary/deadline-too-short",
            locate("canary", "progressDeadline"),
            "The progress deadline ends before the second check of the canary.",
            "Make it at least `initialDelay` plus `interval`.",
        )


def _without_rollout(environment: Environment, locate: Locate) -> Iterator[Finding]:
    if environment.states_rollout:
        # the last step of a canary sets it, and leaves the rest for the next release
        return
    key = "canary" if environment.canary else "pilotUsers"
    if environment.canary or environment.pilot_users:
        yield error(
            "canary/not-rolled-out",
            locate(key, key=True),
            f"`{key}` has no effect: without `rollout`, `{environment.name}` gets the release for everybody at once.",
            f"Add `rollout: canary`, or `rollout: all-at-once` once everybody has it; or delete `{key}`.",
        )


def _steps(canary: Canary, known: set[str], locate: Locate) -> Iterator[Finding]:
    earlier: set[str] = set()
    for index, step in enumerate(canary.steps):
        if index and canary.steps[index - 1].cohorts is None:
            yield error(
                "canary/step-after-everybody",
                locate("canary", "steps", index),
                "This step comes after the step that releases to everybody.",
                "Make `cohorts: all` the last step.",
            )
        for position, name in enumerate(step.cohorts or ()):
            parts = ("canary", "steps", index, "cohorts", position)
            if name not in known:
                fix = f"Describe it under `cohorts`, such as `{name}: {{group: …}}`.{suggestion(name, known)}"
                yield error("canary/unknown-cohort", locate(*parts), f"Unknown cohort `{name}`.", fix)
            elif name in earlier:
                message = f"Duplicate cohort `{name}`: an earlier step already includes it."
                yield error("canary/repeated-cohort", locate(*parts), message, "Delete it from one of the steps.")
            earlier.add(name)
    if all(step.cohorts is not None for step in canary.steps):
        yield warning(
            "canary/never-everybody",
            locate("canary", "steps"),
            "No step releases to everybody, so the release never leaves its cohorts.",
            "Add a last step with `cohorts: all`.",
        )


def _metrics(canary: Canary, locate: Locate) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, metric in enumerate(canary.metrics):
        place = locate("canary", "metrics", index, "name")
        if metric.name in seen:
            yield error("canary/duplicate-metric", place, f"Duplicate metric `{metric.name}`.", "Keep one of them.")
        elif problem := _incomplete(metric):
            fix = "Set `direction` and either `margin` or `marginRatio`, or make it a guard with `guard: true`."
            yield error("canary/incomplete-metric", place, f"The metric `{metric.name}` has {problem}.", fix)
        seen.add(metric.name)


def _incomplete(metric: CanaryMetric) -> str | None:
    if metric.margin is not None and metric.margin_ratio is not None:
        return "both a margin and a ratio"
    if metric.guard:
        return None
    if metric.direction is None:
        return "no direction"
    return "no margin" if metric.margin is None and metric.margin_ratio is None else None
