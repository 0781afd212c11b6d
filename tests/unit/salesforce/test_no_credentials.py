"""Why there are no credentials: what arrived, and which workflow is of another owner."""

from pathlib import Path

import pytest

from wavegate.salesforce.no_credentials import no_credentials

RUN = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "Acme/agents",
    "GITHUB_WORKFLOW_REF": "Acme/agents/.github/workflows/release.yml@refs/heads/main",
}
NOTHING_ARRIVED = "There are no credentials for the org uat."
LOCAL = "Run `wavegate init`, which writes the workflows into this repository."
MAYBE = "If a workflow of another owner is called, it gets no environment secrets"


def workflow(root: Path, uses: str) -> None:
    path = root / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(f"jobs:\n  uat:\n    uses: {uses}\n")


def said(root: Path, **more: str) -> tuple[str, str]:
    error = no_credentials("uat", root, {**RUN, **more})
    return error.message, error.fix


@pytest.mark.parametrize(
    "uses",
    [
        "wavegate/wavegate/.github/workflows/promote.yml@0000000000000000000000000000000000000000 # v1",
        '"wavegate/wavegate/.github/workflows/disable.yml@v1"',
    ],
)
def test_a_called_workflow_of_another_owner_is_the_cause(tmp_path: Path, uses: str) -> None:
    workflow(tmp_path, uses)
    message, fix = said(tmp_path, SF_CLIENT_ID="3MVG9", SF_USERNAME="ci@acme.example")
    assert "The variables `SF_CLIENT_ID` and `SF_USERNAME` are there, but every secret is empty." in message
    assert ".github/workflows/release.yml calls a workflow of wavegate" in message
    assert "no environment secrets to a called workflow of another owner" in message
    assert fix == LOCAL


@pytest.mark.parametrize(
    "uses",
    [
        "./.github/workflows/wavegate-reusable-promote.yml",
        "acme/wavegate/.github/workflows/promote.yml@v1",
        "other/tools/.github/workflows/lint.yml@v1",
    ],
)
def test_a_workflow_that_gets_its_secrets_is_not_blamed(tmp_path: Path, uses: str) -> None:
    workflow(tmp_path, uses)
    message, fix = said(tmp_path)
    assert message == NOTHING_ARRIVED
    assert "SF_JWT_KEY" in fix
    assert MAYBE not in fix


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "Acme/agents/.github/workflows/missing.yml@refs/heads/main",
        "Acme/agents/.github/workflows/../../../etc/passwd@refs/heads/main",
        "Acme/policies/.github/workflows/release.yml@refs/heads/main",
    ],
)
def test_a_workflow_that_cannot_be_read_is_a_possibility(tmp_path: Path, reference: str) -> None:
    workflow(tmp_path, "wavegate/wavegate/.github/workflows/promote.yml@v1")
    message, fix = said(tmp_path, GITHUB_WORKFLOW_REF=reference)
    assert message == NOTHING_ARRIVED
    assert MAYBE in fix
    assert "`wavegate init`" in fix


def test_a_laptop_is_sent_to_the_salesforce_cli(tmp_path: Path) -> None:
    error = no_credentials("uat\n::error::", tmp_path, {"SF_CLIENT_ID": "3MVG9"})
    assert "\n" not in error.message
    assert error.fix.startswith("Run `wavegate login ENVIRONMENT --org ALIAS`")
