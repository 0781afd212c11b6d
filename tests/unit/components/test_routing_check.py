"""A routing flow has the constant that a step of the canary sets."""

import pytest
from tests.support.projects import Files

from wavegate.components.checks.project_check import release_check
from wavegate.components.metadata import NAMESPACE
from wavegate.components.project import read_project
from wavegate.release.reading import parse_manifest, read_document

FLOW = (
    f'<Flow xmlns="{NAMESPACE}"><constants><name>Pilot_Share</name><dataType>Number</dataType>'
    "<value><numberValue>0.0</numberValue></value></constants><status>Active</status></Flow>"
)


@pytest.mark.parametrize(
    ("details", "message", "column"),
    [
        ("flow: Route_Support, constant: Pilot_Share, value: 10", "", 0),
        ("flow: route_support, constant: pilot_share, value: 10", "", 0),
        ("flow: Route, constant: Pilot_Share, value: 10", "has no flow `Route`", 45),
        ("flow: Route_Support, constant: Share, value: 10", "has no constant `Share`", 70),
        ('flow: Route_Support, constant: Pilot_Share, value: "10"', "has a number, but `value` is a text", 90),
        ("flow: Route_Support, constant: Pilot_Share", "but not `value`", 25),
        ("permissionSet: A", "but not `flow`, `constant` and `value`", 25),
    ],
)
def test_a_routing_flow_that_cannot_be_changed_is_one_finding(details: str, message: str, column: int) -> None:
    text = (
        "release: r\nenvironments: [{name: production, prompts: [p], rollout: canary, pilotUsers: [a]}]\n"
        f"cohorts: {{a: {{strategy: routing-flow, {details}}}}}\n"
    )
    data = text.encode()
    manifest, findings = parse_manifest(data, path="release.yml")
    assert manifest, findings
    project = read_project(Files({"force-app/flows/Route_Support.flow-meta.xml": FLOW}))
    found = release_check(manifest, project, read_document(data, path="release.yml").locate).findings
    ours = [each for each in found if each.rule == "cohort/unknown-flow-constant"]
    places = [(each.location.line, each.location.column) for each in ours]
    assert places == ([(3, column)] if message else [])
    assert all(message in each.message for each in ours)
