"""Which components a name in a manifest means."""

import pytest

from wavegate.components.component import ComponentId, without_org_suffix
from wavegate.components.manifest_names.resolve import match_name
from wavegate.release.manifest import Kind

TYPES = {"T": "GenAiPromptTemplate", "F": "GenAiFunction"}
"""Short forms of the types that the table below has most."""


@pytest.mark.parametrize(
    ("kind", "name", "known", "meant"),
    [
        # exact before folded before suffixes
        ("prompts", "a_b", "T:a_b T:A_B", "T:a_b"),
        ("prompts", "a-b", "T:A_B T:A_B_v2", "T:A_B"),
        ("prompts", "support-resolution-v5", "T:Support_Resolution", "T:Support_Resolution"),
        ("prompts", "support_resolution_5", "T:SupportResolution", "T:SupportResolution"),
        ("prompts", "support-resolution", "T:Support_Resolution_v5", "T:Support_Resolution_v5"),
        ("prompts", "x-v5", "T:X_v5 T:X", "T:X_v5"),
        # another version is another thing
        ("prompts", "x-v5", "T:X_v4", ""),
        # several that fit as well
        ("prompts", "x", "T:X_v4 T:X_v5", "T:X_v4 T:X_v5"),
        ("prompts", "a-b", "T:A_B T:AB", "T:A_B T:AB"),
        # a prompt is a template alone, an action a function first
        ("prompts", "x", "F:x Flow:x", ""),
        ("actions", "x", "Flow:x F:X", "F:X"),
        ("actions", "x", "Flow:X", "Flow:X"),
        ("actions", "update_case_status", "ApexClass:UpdateCaseStatus", "ApexClass:UpdateCaseStatus"),
        ("actions", "x", "Flow:X ApexClass:X", "Flow:X ApexClass:X"),
        ("actions", "x", "Bot:x GenAiPlugin:x PermissionSet:x", ""),
        # inside an agent, with the suffix of the org
        (
            "actions",
            "create-return",
            "F:P/T_16jKj0000004CqX/Create_Return_179Kj0000004CqYIAU",
            "F:P/T_16jKj0000004CqX/Create_Return_179Kj0000004CqYIAU",
        ),
        ("actions", "Create_Return_179Kj0000004CqY", "F:P/Create_Return", "F:P/Create_Return"),
        ("actions", "create-return", "F:P/Create_Return_179Kj0000004CqY F:Create_Return", "F:Create_Return"),
        ("actions", "x", "", ""),
        ("actions", "---", "F:A", ""),
    ],
)
def test_a_name_means(kind: str, name: str, known: str, meant: str) -> None:
    found = match_name(Kind(kind), name, [_id(each) for each in known.split()])
    assert list(found) == [_id(each) for each in meant.split()]


def _id(text: str) -> ComponentId:
    type_, _, name = text.partition(":")
    return ComponentId(type=TYPES.get(type_, type_), name=name)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Refund_179Kj0000004Cqa", "Refund"),
        ("Refund_179Kj0000004CqaIAU", "Refund"),
        ("Returns_16jKj0000004CqaIAU", "Returns"),
        ("Refund_172Kj0000004Cqa", "Refund_172Kj0000004Cqa"),
        ("Refund_179Kj0000004CqaI", "Refund_179Kj0000004CqaI"),
        ("Refund_179", "Refund_179"),
        ("Refund", "Refund"),
    ],
)
def test_an_org_appends_whole_ids_of_topics_and_actions(name: str, own: str) -> None:
    assert without_org_suffix(name) == own
