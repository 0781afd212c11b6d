"""Which deletions the org would refuse, or which would break what stays in it, and so are not made."""

from collections.abc import Sequence

import pytest
from tests.support.sources import apex, component_id, project_of, xml

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, Contents
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Location
from wavegate.plan.in_use import leave_what_is_used, users_of_removed

PLACE = Location(file="f")


def component(text: str) -> Component:
    id_ = component_id(text)
    parent = component_id(f"GenAiPlannerBundle:{id_.name.partition('/')[0]}") if "/" in id_.name else None
    return Component(id=id_, path="f", parent=parent)


def live(*edges: str) -> ReleaseScope:
    """A live release with these edges, written as `Type:Name > Type:Name`."""
    pairs = [[component(end) for end in edge.split(" > ")] for edge in edges]
    components = {each.id: each for pair in pairs for each in pair}
    return ReleaseScope(
        environment="uat",
        components=tuple(components.values()),
        edges=tuple(Edge(source=source.id, target=target.id, location=PLACE) for source, target in pairs),
        contents={each: Contents() for each in components},
    )


def changes(**kinds: Sequence[str]) -> list[ComponentChange]:
    return [
        ComponentChange(component=component(name), kind=ChangeKind[kind.upper()])
        for kind, names in kinds.items()
        for name in names
    ]


@pytest.mark.parametrize(
    ("edge", "changed", "users"),
    [
        # an earlier version of the agent that stays in the org, or that the project still has
        (
            "GenAiPlannerBundle:A_v3 > GenAiPlugin:T",
            {"kept": ["GenAiPlannerBundle:A_v3"]},
            ["GenAiPlannerBundle:A_v3"],
        ),
        ("GenAiPlannerBundle:A_v3 > GenAiPlugin:T", {}, ["GenAiPlannerBundle:A_v3"]),
        ("GenAiPlannerBundle:A_v3/T > GenAiFunction:F", {}, ["GenAiPlannerBundle:A_v3"]),
        ("GenAiFunction:F > Flow:W", {}, ["GenAiFunction:F"]),
        ("GenAiFunction:F > GenAiPromptTemplate:P", {}, ["GenAiFunction:F"]),
        ("ApexClass:A > ApexClass:B", {}, ["ApexClass:A"]),
        # what is replaced or deleted as well no longer uses it
        ("ApexClass:A > ApexClass:B", {"changed": ["ApexClass:A"]}, []),
        ("GenAiPlugin:T > GenAiFunction:F", {"changed": ["GenAiPlugin:T"]}, []),
        ("GenAiPlugin:T > GenAiFunction:F", {"removed": ["GenAiPlugin:T"]}, []),
        # earlier versions of a flow stay
        ("Flow:W > ApexClass:A", {"changed": ["Flow:W"]}, ["Flow:W"]),
        # the org takes a called flow out of service whatever earlier versions say
        ("Flow:W > Flow:V", {"changed": ["Flow:W"]}, []),
        ("Flow:W > Flow:V", {}, ["Flow:W"]),
        # a flow works without its definition
        ("Flow:W > FlowDefinition:W", {}, []),
        # the org takes what is deleted out of these
        ("PermissionSet:P > ApexClass:A", {}, []),
        ("Profile:P > ApexClass:A", {}, []),
    ],
)
def test_what_stays_of_the_live_release_uses_what_it_used(
    edge: str, changed: dict[str, list[str]], users: list[str]
) -> None:
    target = edge.partition(" > ")[2]
    removed = changes(**{**changed, "removed": [*changed.get("removed", []), target]})
    found = {str(each.id): [str(user) for user in staying] for each, staying in users_of_removed(removed, live(edge))}
    assert found == ({target: users} if users else {})


def test_a_component_of_the_project_outside_the_release_may_use_it_too() -> None:
    project = project_of(
        {
            "flows/Other.flow-meta.xml": xml("Flow", "<subflows><flowName>old</flowName></subflows>"),
            "genAiPlannerBundles/B_v1/B_v1.genAiPlannerBundle": xml(
                "GenAiPlannerBundle",
                "<localTopics><fullName>T</fullName><localActions><fullName>A</fullName>"
                "<invocationTarget>Old</invocationTarget><invocationTargetType>flow</invocationTargetType>"
                "</localActions></localTopics>",
            ),
            "permissionsets/P.permissionset-meta.xml": xml(
                "PermissionSet", "<flowAccesses><enabled>true</enabled><flow>Old</flow></flowAccesses>"
            ),
            **apex(Unrelated="String s = 'Old';"),
        }
    )
    ((_, users),) = users_of_removed(changes(removed=["Flow:Old"]), live(), project)
    assert [str(each) for each in users] == ["Flow:Other", "GenAiPlannerBundle:B_v1"]


def test_another_component_of_the_same_name_is_what_a_reference_means() -> None:
    files = {
        "bots/A/A.bot-meta.xml": xml("Bot"),
        "aiEvaluationDefinitions/E.aiEvaluationDefinition-meta.xml": xml(
            "AiEvaluationDefinition", "<subjectName>A</subjectName>"
        ),
    }
    removed = changes(removed=["AiAuthoringBundle:A"])
    assert list(users_of_removed(removed, live(), project_of(dict(files)))) == []


def test_what_is_used_is_left_with_all_that_it_uses_itself() -> None:
    uses = ("GenAiPlannerBundle:A_v4 > GenAiFunction:F", "GenAiFunction:F > ApexClass:C", "ApexClass:C > ApexClass:D")
    removed = ["GenAiFunction:F", "ApexClass:C", "ApexClass:D", "ApexClass:E"]
    made = changes(kept=["GenAiPlannerBundle:A_v4"], removed=removed)
    left = leave_what_is_used(made, live(*uses), project_of({}))
    assert {str(each.component.id): (str(each.kind), each.reason) for each in left} == {
        "GenAiPlannerBundle:A_v4": ("kept", ""),
        "GenAiFunction:F": ("left", "`GenAiPlannerBundle:A_v4` in the org still uses it"),
        "ApexClass:C": ("left", "`GenAiFunction:F` in the org still uses it"),
        "ApexClass:D": ("left", "`ApexClass:C` in the org still uses it"),
        "ApexClass:E": ("removed", ""),
    }


def test_what_a_deleted_flow_uses_is_left_because_the_flow_is_deleted_after_it() -> None:
    made = changes(removed=["Flow:W", "ApexClass:C"])
    left = leave_what_is_used(made, live("Flow:W > ApexClass:C"), project_of({}))
    assert {str(each.component.id): str(each.kind) for each in left} == {"Flow:W": "removed", "ApexClass:C": "left"}
