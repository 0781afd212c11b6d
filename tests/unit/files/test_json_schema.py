"""The check by the published schema says in words what is wrong."""

import json

from wavegate.files.json_schema import schema_problems


def test_a_pattern_is_explained_and_not_quoted() -> None:
    manifest = {"release": "wave-1", "environments": [{"name": "uat", "gate": {"maxEvidenceAge": "3 days"}}]}
    (problem,) = schema_problems(json.dumps(manifest).encode(), "manifest")
    assert "such as 72h" in problem
    assert "^" not in problem
