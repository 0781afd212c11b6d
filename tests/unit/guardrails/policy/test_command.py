"""`wavegate guardrails check` as a process sees it: exit codes, reports, outputs, annotations, hostile names."""

import json
import shutil
from pathlib import Path

import pytest
from tests.support.outputs import read_outputs
from tests.support.places import FIXTURES, ROOT

from wavegate.__main__ import main
from wavegate.files.schema import schema_text
from wavegate.files.yaml_reader import read_yaml
from wavegate.findings.finding import Finding
from wavegate.guardrails.policy.stated.read import read_properties
from wavegate.release.policy.file import policy_of
from wavegate.text import JOINER

EXAMPLES = FIXTURES / "guardrails"
BUNDLE = "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    return tmp_path


def use(checkout: Path, example: str, policy: str = "") -> None:
    """Put an example into the checkout."""
    source = EXAMPLES / example
    if source.is_dir():
        shutil.copytree(source, checkout, dirs_exist_ok=True)
    else:
        (checkout / BUNDLE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, checkout / BUNDLE)
    if policy:
        (checkout / "agentforce").mkdir(exist_ok=True)
        (checkout / "agentforce/guardrails.yml").write_text(policy)


def test_the_verdict_is_the_exit_code(checkout: Path) -> None:
    use(checkout, "action-unprotected/no-guard.agent")
    assert main(["guardrails", "check"]) == 0
    assert main(["guardrails-check", "--strict"]) == 1
    use(checkout, "action-unprotected/no-guard.agent", "rules: {action/unprotected: error}\n")
    assert main(["guardrails", "check"]) == 1


def test_what_is_unknown_is_inconclusive_and_a_failure_is_more(checkout: Path) -> None:
    use(checkout, "property-unknown/line-that-was-not-understood")
    assert main(["guardrails", "check"]) == 5
    assert main(["guardrails", "check", "--strict"]) == 1
    policy = checkout / "agentforce/guardrails.yml"
    policy.write_text(policy.read_text() + "rules: {agent/not-understood: error}\n")
    assert main(["guardrails", "check"]) == 1


def test_text_shows_the_line_and_the_fix(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use(checkout, "guard-no-default/not-empty.agent")
    main(["guardrails", "check"])
    shown = capsys.readouterr().out
    assert "[guard/no-default]" in shown
    assert 'available when @variables.card != ""' in shown
    assert "1 agent: pass." in shown


@pytest.mark.parametrize("example", ["secret-in-text/bearer.agent", "secret-record-id/eighteen.agent"])
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_secret_is_in_no_report(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, example: str, form: str
) -> None:
    use(checkout, example)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary"))
    main(["guardrails", "check", "--format", form])
    everything = "".join(capsys.readouterr()) + (checkout / "summary").read_text("utf-8")
    assert example.partition("/")[0].replace("secret-", "secret/") in everything
    assert "Q1zPw7" not in everything
    assert "0035g" not in everything


def test_outputs_annotations_and_summary(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(checkout / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary"))
    use(checkout, "property-violated/confirm")
    assert main(["guardrails", "check"]) == 1
    log = capsys.readouterr().out
    script = "force-app/main/default/aiAuthoringBundles/Library_Desk/Library_Desk.agent"
    assert f"::error file={script},line=" in log
    outputs = read_outputs(checkout / "output")
    assert (outputs["verdict"], outputs["errors"]) == ("fail", "1")
    assert "wavegate guardrails check: fail" in (checkout / "summary").read_text("utf-8")


def test_a_report_goes_to_a_file(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use(checkout, "action-unprotected/no-guard.agent")
    assert main(["guardrails", "check", "--format", "sarif", "--output", "report.sarif"]) == 0
    (run,) = json.loads((checkout / "report.sarif").read_text("utf-8"))["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["action/unprotected"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == BUNDLE
    assert "action/unprotected" in capsys.readouterr().out


def test_hostile_names_stay_text(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    use(checkout, "policy-unknown-name/agent", 'customerFacing: ["##[error]owned ::warning::x"]\n')
    assert main(["guardrails", "check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert not [each for each in lines if "##[" in each or each.startswith("::warning::")]
    assert any(f"#{JOINER}#[error]owned" in each for each in lines)


def test_a_manifest_that_is_not_there_is_wrong_input(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use(checkout, "action-unprotected/no-guard.agent")
    assert main(["guardrails", "check", "--manifest", "agentforce/none.yml"]) == 2
    assert "agentforce/none.yml" in capsys.readouterr().err


def test_the_example_of_the_docs_is_a_valid_policy() -> None:
    page = (ROOT / "docs/how-to/guardrails.md").read_text("utf-8")
    text = page.split("## Write a policy")[1].split("```yaml\n")[1].split("```")[0]
    document = read_yaml(text.encode(), path="agentforce/guardrails.yml")
    policy = policy_of(document)
    assert policy, document.findings
    assert len(policy.properties) == 6
    assert not [each for each in read_properties(policy, {}) if isinstance(each, Finding)]


def test_a_manifest_takes_the_same_policy_as_the_file() -> None:
    own, manifest = json.loads(schema_text("guardrails")), json.loads(schema_text("manifest"))
    renamed = {
        "names": "agentNames", "allow": "guardrailAllow", "property": "guardrailProperty", "text": "policyText",
        "propertyText": "guardrailPropertyText", "level": "ruleLevel", "exception": "guardrailException",
    }  # fmt: skip

    def as_in_the_manifest(text: str) -> str:
        for name, other in renamed.items():
            text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{other}"')
        return text

    for name in renamed.keys() | {"ruleId"}:
        expected = json.loads(as_in_the_manifest(json.dumps(own["$defs"][name])))
        assert manifest["$defs"][renamed.get(name, name)] == expected, name
    properties = {key: each for key, each in own["properties"].items() if key != "$schema"}
    assert manifest["$defs"]["guardrailPolicy"]["properties"] == json.loads(
        as_in_the_manifest(json.dumps(properties))
    )


@pytest.mark.parametrize("content", [b"\x00\x01\xff\xfe", b"\xff" * 100])
def test_an_agent_that_cannot_be_read_never_passes(tmp_path: Path, content: bytes) -> None:
    script = tmp_path / "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"
    script.parent.mkdir(parents=True)
    script.write_bytes(content)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    assert main(["guardrails", "check", "--root", str(tmp_path)]) == 1
