"""Every text that a model reads is a passage, once."""

from tests.support.guardrail_changes import guardrails_of

from wavegate.notes.passages import passages_of

SCRIPT = """\
config:
    developer_name: "Desk"
start_agent desk:
    description: "Everything at the desk"
    reasoning:
        instructions: "Help."
        actions:
            waive: @actions.waive
            lend: @actions.lend
                description: "Lends a book, never two"
    actions:
        waive:
            description: "Waives a fine"
            target: "apex://Fines"
        lend:
            description: "Lends a book"
            target: "apex://Loans"
"""
PATH = "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"


def test_a_tool_is_listed_only_if_it_has_a_description_of_its_own() -> None:
    found = passages_of(guardrails_of({PATH: SCRIPT}))
    described = {str(key): each.text for key, each in found.items() if "action" in str(key) or "tool" in str(key)}
    assert sorted(described.values()) == ["Lends a book", "Lends a book, never two", "Waives a fine"]
