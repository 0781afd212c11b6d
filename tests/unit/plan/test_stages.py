"""The stages of a deployment: which components the org must have before others."""

import pytest

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import ApexRole, Component, ComponentId, Contents
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Location
from wavegate.plan.scripts import ScriptBundle
from wavegate.plan.stages import Stages, divide_into_stages

TYPES = {
    "C": "ApexClass",
    "T": "GenAiPromptTemplate",
    "F": "Flow",
    "A": "GenAiFunction",
    "P": "PermissionSet",
    "U": "ApexClass",
    "B": "AiAuthoringBundle",
    "G": "PermissionSetGroup",
}
PLACE = Location(file="here", line=3)


def component(name: str) -> ComponentId:
    """`C1` is the class 1, `T1` a template, `F1` a flow, `A1` an action, `P1` a permission set, `U1` a test.

    `B1` is a script, `G1` a group of permission sets.
    """
    return ComponentId(type=TYPES[name[0]], name=name)


def divide(needs: str, *, changed: str = "", unshipped: str = "") -> Stages:
    """The stages of added components that need each other: `F1>T1 T1>C1`; changed ones are in the org already."""
    pairs = [each.partition(">") for each in needs.split()]
    names = {each for one, _, other in pairs for each in (one, other) if each}
    edges = tuple(
        Edge(source=component(one), target=component(other), location=PLACE) for one, _, other in pairs if other
    )
    changes = [
        ComponentChange(
            component=Component(id=component(each), path="here"),
            kind=ChangeKind.CHANGED if each in changed.split() else ChangeKind.ADDED,
        )
        for each in sorted(names)
        if each not in unshipped.split()
    ]
    components = tuple(Component(id=component(each), path="here") for each in sorted(names))
    contents = {component(each): Contents(apex=ApexRole.TEST) for each in names if each[0] == "U"}
    scope = ReleaseScope(environment="uat", components=components, edges=edges, contents=contents)
    scripts = [ScriptBundle(agent=each.id.name, component=each) for each in components if each.id.name[0] == "B"]
    return divide_into_stages(scope, changes, scripts)


def text(stages: Stages) -> str:
    return " | ".join(" ".join(sorted(each.id.name for each in stage)) for stage in stages.stages)


@pytest.mark.parametrize(
    ("needs", "changed", "expected"),
    [
        ("", "", ""),
        ("C1 A1>C1 F1>C1", "", "A1 C1 F1"),
        # the sample app of the source: classes, then templates, then the rest
        ("A1>T1 T1>C1 F1>T1 P1>C1", "", "C1 | T1 | A1 F1 P1"),
        ("T1>C1 A1>T1", "", "C1 | A1 T1"),
        ("T1>F1", "", "F1 | T1"),
        ("F1>T1", "", "T1 | F1"),
        # an action that calls a new template deploys with it, as it always did
        ("A1>T1", "", "A1 T1"),
        # what the org already has, it finds; its change still comes before what needs it
        ("T1>C1 F1>T1", "C1", "C1 T1 | F1"),
        ("T1>C1 F1>T1", "C1 T1", "C1 F1 T1"),
        ("T1>C1 F1>T1", "T1", "C1 | F1 T1"),
        # what an earlier component needs goes with it or before it
        ("T1>C1 C1>C2 A1>C3", "", "C1 C2 | A1 C3 T1"),
        ("T1>C1 F1>T1 C1>C2 T1>C3", "", "C1 C2 C3 | T1 | F1"),
        ("F1>T1 T1>F2 F2>T2 T2>C1", "", "C1 | T2 | F2 | T1 | F1"),
        # a class goes with its tests, and with what they need
        ("T1>C1 U1>C1 U1>C2 U2>C3 A1>C3", "", "C1 C2 U1 | A1 C3 T1 U2"),
        # unless the test needs what its class must come before
        ("T1>C1 U1>C1 U1>F1 F1>T1", "", "C1 | T1 | F1 U1"),
        # access to an agent waits until its script is published, unless the org has the agent
        ("P1>B1 G1>P1 B1>F1 F1>T1 P1>C1", "", "T1 | B1 C1 F1 | G1 P1"),
        ("P1>B1 G1>P1", "B1", "B1 G1 P1"),
        # a template in the middle of nothing stays with the rest
        ("F1>T1 T2 T3>C1", "", "C1 T1 | F1 T2 T3"),
    ],
)
def test_a_component_waits_for_what_the_org_must_have_first(needs: str, changed: str, expected: str) -> None:
    stages = divide(needs, changed=changed)
    assert text(stages) == expected
    assert not stages.findings


def test_what_the_release_does_not_ship_makes_no_stage() -> None:
    assert text(divide("T1>C1 F1>T1", unshipped="C1")) == "T1 | F1"
    assert text(divide("T1>C1 F1>T1", unshipped="T1")) == "C1 F1"


def test_a_circle_is_one_stage_with_a_warning_where_it_is_written() -> None:
    stages = divide("F1>T1 T1>F1 A1>T1")
    assert text(stages) == "A1 F1 T1"
    assert [each.rule for each in stages.findings] == ["deploy/circular-stage"] * 2
    assert {each.location for each in stages.findings} == {PLACE}
    # a border beside the circle still counts
    assert text(divide("F1>T1 T1>F1 T1>C1")) == "C1 | F1 T1"
    # two classes that need each other are one component to the org
    assert text(divide("T1>C1 C1>C2 C2>C1")) == "C1 C2 | T1"


def test_a_reference_inside_a_components_file_is_the_components_own() -> None:
    agent = ComponentId(type="GenAiPlannerBundle", name="Agent")
    topic = ComponentId(type="GenAiPlugin", name="Agent/topic")
    action = ComponentId(type="GenAiFunction", name="Agent/topic/act")
    flow, template = component("F1"), component("T1")
    components = (
        Component(id=agent, path="a"),
        Component(id=topic, path="a", parent=agent),
        Component(id=action, path="a", parent=topic),
        Component(id=flow, path="f"),
        Component(id=template, path="t"),
    )
    edges = [(flow, template), (action, flow)]
    scope = ReleaseScope(
        environment="uat",
        components=components,
        edges=tuple(Edge(source=one, target=other, location=PLACE) for one, other in edges),
    )
    changes = [ComponentChange(component=each, kind=ChangeKind.ADDED) for each in components if each.parent is None]
    stages = divide_into_stages(scope, changes).stages
    assert [[each.id for each in stage] for stage in stages] == [[template], [flow, agent]]


def test_thousands_of_components_in_a_chain_are_divided() -> None:
    chain = " ".join(f"C{number}>C{number + 1}" for number in range(5_000))
    stages = divide(f"T1>C0 F1>T1 {chain}").stages
    assert [len(each) for each in stages] == [5_001, 1, 1]
