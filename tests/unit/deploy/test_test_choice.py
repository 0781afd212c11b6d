"""Which Apex tests the job of each stage runs."""

from pathlib import Path

import pytest

from wavegate.components.component import ApexRole, ComponentId, Contents
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.deploy.request import PackageStage
from wavegate.deploy.test_choice import TestChoice, with_tests
from wavegate.findings.finding import Location
from wavegate.salesforce.cli import Upload

TYPES = {"C": "ApexClass", "U": "ApexClass", "T": "ApexTrigger", "F": "Flow"}
ROLES = {"C": ApexRole.PLAIN, "U": ApexRole.TEST}
SPECIFIED, LOCAL = "RunSpecifiedTests", "RunLocalTests"


def component(name: str) -> ComponentId:
    """`C1` is a class, `U1` a test of the class 1, `T1` a trigger, `F1` a flow."""
    return ComponentId(type=TYPES[name[0]], name=name)


def chosen(stages: str, choice: TestChoice, *, deleted: str = "") -> list[tuple[str | None, tuple[str, ...]]]:
    """Level and tests of stages such as `C1 U1 | F1`. deleted: components that the release does not have."""
    names = [name for name in stages.replace("|", " ").split() if name not in deleted.split()]
    place = Location(file="x")
    scope = ReleaseScope(
        environment="uat",
        contents={component(each): Contents(apex=ROLES.get(each[0])) for each in names},
        edges=tuple(
            Edge(source=component(each), target=component(f"C{each[1:]}"), location=place)
            for each in names
            if each[0] == "U"
        ),
    )
    made = [
        PackageStage(upload=Upload(package=Path("x")), members=frozenset(map(component, each.split())))
        for each in stages.split("|")
    ]
    return [(each.upload.test_level, each.upload.tests) for each in with_tests(made, choice, scope)]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("F1", [(None, ())]),
        ("C1 U1", [(SPECIFIED, ("U1",))]),
        # a class that no test names needs them all
        ("C1 U1 C2", [(LOCAL, ())]),
        ("C1", [(LOCAL, ())]),
        ("U1", [(SPECIFIED, ("U1",))]),
        # nothing says what tests a trigger
        ("T1", [(LOCAL, ())]),
        ("C1 U1 | F1", [(SPECIFIED, ("U1",)), (None, ())]),
        ("F1 | C1 U1", [(None, ()), (SPECIFIED, ("U1",))]),
    ],
)
def test_the_tests_that_name_what_is_deployed_run(
    stages: str, expected: list[tuple[str | None, tuple[str, ...]]]
) -> None:
    assert chosen(stages, TestChoice()) == expected


def test_deleted_classes_have_all_tests_run() -> None:
    assert chosen("C1 U1 C2", TestChoice(), deleted="C2") == [(LOCAL, ())]


def test_what_is_asked_for_wins_where_it_can_run() -> None:
    everything = TestChoice(level="RunAllTestsInOrg")
    assert chosen("F1 | C1 U1 | F2", everything) == [
        (None, ()),
        ("RunAllTestsInOrg", ()),
        ("RunAllTestsInOrg", ()),
    ]
    assert chosen("F1", TestChoice(level="NoTestRun")) == [("NoTestRun", ())]
    named = TestChoice(tests=("U1", "Elsewhere"))
    assert chosen("C1 | U1", named) == [(SPECIFIED, ("Elsewhere",)), (SPECIFIED, ("U1", "Elsewhere"))]
    # a test that only a later stage brings
    assert chosen("C1 | U1", TestChoice(tests=("U1",))) == [(LOCAL, ()), (SPECIFIED, ("U1",))]
