"""Which Apex tests a job runs."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from wavegate.components.apex_tests import tests_for
from wavegate.components.component import ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.deploy.request import PackageStage

_APEX = frozenset({"ApexClass", "ApexTrigger"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TestChoice:
    """What the command's options ask for. level: as the CLI names it; None and () for the default."""

    __test__ = False

    level: str | None = None
    tests: tuple[str, ...] = ()


def with_tests(
    stages: Sequence[PackageStage], choice: TestChoice, scope: ReleaseScope | None = None
) -> tuple[PackageStage, ...]:
    """The stages with the tests that their jobs run.

    scope: of the release that they deploy. By default, Apex is deployed with the tests of the release that name its
    classes, and with all of the org's own tests if a class is named by none. What is chosen applies to the last
    stage and to those with Apex; a test that a later stage brings cannot run before it.
    """
    return tuple(
        _with_tests(stage, choice, scope, later=_classes(stages[number:]), is_last=number == len(stages))
        for number, stage in enumerate(stages, 1)
    )


def _with_tests(
    stage: PackageStage,
    choice: TestChoice,
    scope: ReleaseScope | None,
    *,
    later: AbstractSet[str],
    is_last: bool,
) -> PackageStage:
    apex = frozenset(each for each in stage.members if each.type in _APEX)
    tests = tuple(each for each in choice.tests if each not in later)
    level: str | None = "RunSpecifiedTests"
    if not apex and not is_last:
        level, tests = None, ()
    elif not tests:
        level = choice.level
    if not level and apex:
        level, tests = _default(apex, scope, later)
    return replace(stage, upload=replace(stage.upload, test_level=level, tests=tests))


def _default(
    apex: AbstractSet[ComponentId], scope: ReleaseScope | None, later: AbstractSet[str]
) -> tuple[str, tuple[str, ...]]:
    """Deleted classes and triggers are not in the scope: what uses them is unknown, so all tests run."""
    if scope and apex <= scope.contents.keys() and all(each.type == "ApexClass" for each in apex):
        selection = tests_for(scope, apex)
        if selection.tests and not selection.uncovered and later.isdisjoint(selection.tests):
            return "RunSpecifiedTests", selection.tests
    return "RunLocalTests", ()


def _classes(stages: Iterable[PackageStage]) -> frozenset[str]:
    return frozenset(each.name for stage in stages for each in stage.members if each.type == "ApexClass")
