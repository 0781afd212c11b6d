"""The next step follows from the manifest alone."""

import pytest

from wavegate.canary.expand.next_step import PendingStep, next_step
from wavegate.release.reading import parse_manifest

STEPS = "{cohorts: [a]}, {cohorts: [b, c]}, {cohorts: all, pause: approval}"


def found(rest: str) -> PendingStep | None:
    text = (
        f"release: r\nenvironments: [{{name: production, prompts: [p], {rest}}}]\n"
        "cohorts: {b: {group: B}, c: {group: C}}\n"
    )
    manifest, findings = parse_manifest(text.encode(), path="release.yml")
    assert manifest, findings
    return next_step(manifest.environments[0])


@pytest.mark.parametrize(
    ("rest", "number", "joining"),
    [
        (f"rollout: canary, pilotUsers: [a], canary: {{steps: [{STEPS}]}}", 2, ("b", "c")),
        # somebody added one of them already
        (f"rollout: canary, pilotUsers: [a, c], canary: {{steps: [{STEPS}]}}", 2, ("b",)),
        (f"rollout: canary, pilotUsers: [a, b, c], canary: {{steps: [{STEPS}]}}", 3, None),
        ("rollout: canary, pilotUsers: [a]", 2, None),
    ],
)
def test_the_first_step_that_is_not_complete_comes_next(
    rest: str, number: int, joining: tuple[str, ...] | None
) -> None:
    step = found(rest)
    assert step
    assert (step.number, step.joining) == (number, joining)
    assert step.pause == ("approval" if joining is None else None)


@pytest.mark.parametrize(
    "rest",
    [
        "gate: {}",
        f"rollout: all-at-once, pilotUsers: [a], canary: {{steps: [{STEPS}]}}",
        "rollout: canary, pilotUsers: [a], canary: {steps: [{cohorts: [a]}]}",
    ],
)
def test_there_is_none_once_everybody_has_it_or_the_steps_are_complete(rest: str) -> None:
    assert found(rest) is None
