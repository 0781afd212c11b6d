"""The class of a changed file, by its kind, by what changes in it, and by what cannot be read."""

import json
from collections.abc import Mapping

import pytest
from tests.support.classified import Anywhere, classified
from tests.support.guardrail_changes import examples, guardrails_of, sides_of
from tests.support.places import ROOT
from tests.support.sources import WrittenFiles

from wavegate.guardrails.classes.classify import classify_files
from wavegate.guardrails.classes.release_files import release_file_reason
from wavegate.guardrails.classes.reports import class_findings, classes_json, classes_markdown, classes_text
from wavegate.guardrails.classes.values import strictest
from wavegate.guardrails.diff.as_json import changes_json
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.guardrails.read import read_guardrails

SECURITY, CODE, TUNABLE = ChangeClass.SECURITY_REVIEW, ChangeClass.CODE_REVIEW, ChangeClass.TUNABLE


def class_of(path: str, before: str = "a\n", after: str = "b\n") -> ChangeClass:
    """The class of one file whose text changes."""
    (found,) = classified(Anywhere({path: before}), Anywhere({path: after}), [path])
    assert found.path == path
    return found.change_class


@pytest.mark.parametrize(
    ("path", "review"),
    [
        ("README.md", TUNABLE),
        ("docs/refunds/policy.md", TUNABLE),
        ("docs/screens/a.png", TUNABLE),
        ("LICENSE", TUNABLE),
        ("agentforce/README.md", TUNABLE),
        (".github/pull_request_template.md", TUNABLE),
        (".github/workflows/wavegate-check.yml", SECURITY),
        (".github/dependabot.yml", SECURITY),
        (".github/CODEOWNERS", SECURITY),
        ("CODEOWNERS", SECURITY),
        ("agentforce/guardrails.yml", SECURITY),
        ("agentforce/desk.guardrails.yml", SECURITY),
        ("agentforce/packs/smoke.json", CODE),
        ("agentforce/release.yml", SECURITY),
        ("agentforce/run.sh", SECURITY),
        ("sfdx-project.json", CODE),
        (".forceignore", CODE),
        ("scripts/deploy.sh", SECURITY),
        ("package.json", SECURITY),
        ("something", SECURITY),
        ("force-app/something.bin", SECURITY),
        ("force-app/permissionsets/Desk.permissionset-meta.xml", SECURITY),
        ("force-app/profiles/Admin.profile-meta.xml", SECURITY),
        ("force-app/sharingRules/Case.sharingRules-meta.xml", SECURITY),
        ("force-app/namedCredentials/Bank.namedCredential-meta.xml", SECURITY),
        ("force-app/externalCredentials/Bank.externalCredential-meta.xml", SECURITY),
        ("force-app/remoteSiteSettings/Bank.remoteSite-meta.xml", SECURITY),
        ("force-app/settings/EinsteinGpt.settings-meta.xml", SECURITY),
        ("force-app/mcpServerDefinitions/Bank.mcpServerDefinition-meta.xml", SECURITY),
        ("force-app/aiAgents/Desk.aiAgentDefinition-meta.xml", SECURITY),
        ("force-app/classes/Desk.cls", CODE),
        ("force-app/triggers/Desk.trigger", CODE),
        ("force-app/flows/Desk.flow-meta.xml", CODE),
        ("force-app/objects/Case/fields/Due__c.field-meta.xml", CODE),
        ("force-app/lwc/desk/desk.js", CODE),
        ("force-app/aiEvaluationDefinitions/Desk.aiEvaluationDefinition-meta.xml", CODE),
        ("force-app/genAiPlugins/Unused.genAiPlugin-meta.xml", CODE),
        ("docs/guide.txt", TUNABLE),
        ("docs/package.json", SECURITY),
        ("docs/conf.py", SECURITY),
        ("docs/x.agent", SECURITY),
        ("docs/main/default/permissionsets/Desk.permissionset-meta.xml", SECURITY),
        ("docs/main/default/classes/Desk.cls", CODE),
        ("docs/customMetadata/Desk.Rule.md", CODE),
        ("LICENSE/classes/Desk.cls", CODE),
        ("LICENSE.sh", SECURITY),
        ("force-app/main/default/staticresources/site/a.md", CODE),
        ("force-app/main/default/lwc/desk/desk.md", CODE),
        ("force-app/main/default/translations/fr.translation-meta.xml", CODE),
        ("AGENTS.md", SECURITY),
        ("force-app/Claude.md", SECURITY),
        (".claude/commands/deploy.md", SECURITY),
        (".github/workflows/agentic.md", SECURITY),
        (".github/prompts/deploy.prompt.md", SECURITY),
        (".github/copilot-instructions.md", SECURITY),
        (".github/ISSUE_TEMPLATE/bug.md", TUNABLE),
    ],
)
def test_a_file_has_at_least_the_class_of_its_kind(path: str, review: ChangeClass) -> None:
    assert class_of(path) is review or class_of(path).weight > review.weight
    assert class_of(path) is review or "genAi" in path


@pytest.mark.parametrize(
    ("edit", "review"),
    [
        (("wave-1", "wave-2"), TUNABLE),
        (("# none", "# some"), TUNABLE),
        (("version: 3", "version: 4"), CODE),
        (("production", "live"), SECURITY),
        (("release: wave-1", "release: wave-1\nmaximumDeletions: 0.9"), SECURITY),
        (("release: wave-1", "release: wave-1\nresume: true"), SECURITY),
        (("release: wave-1", "release: wave-1\nreadiness: enforce"), SECURITY),
        (("release: wave-1", "release: [wave-1"), SECURITY),
    ],
)
def test_a_manifest_is_judged_by_what_changes_in_it(edit: tuple[str, str], review: ChangeClass) -> None:
    lines = (
        "release: wave-1",
        "agents: [{name: Desk, version: 3}]",
        "environments: [{name: uat}, {name: production}]",
    )
    text = "\n".join([*lines, "# none", ""])
    assert edit[0] in text
    assert class_of("agentforce/release.yml", text, text.replace(*edit)) is review


@pytest.mark.parametrize(
    ("after", "review"),
    [
        ({"tests": ["a", "b", "c"]}, CODE),
        ({"tests": ["a", "c"]}, CODE),
        ({"tests": ["a"]}, CODE),
        ({"passCriteria": {"minimumSuccessRate": 0.1}}, CODE),
        ({"waivers": [{"test": "a", "reason": "x", "owner": "@a/b", "expires": "2026-12-31"}]}, CODE),
    ],
)
def test_a_pack_is_never_for_an_administrator_alone(after: Mapping[str, object], review: ChangeClass) -> None:
    pack = {"suite": "smoke", "tests": ["a", "b"], "passCriteria": {"minimumSuccessRate": 0.9}, "runs": 30}
    path = "agentforce/packs/smoke.json"
    assert class_of(path, json.dumps(pack), json.dumps({**pack, **after})) is review


def test_what_is_not_read_is_a_security_review() -> None:
    (found,) = classified(Anywhere({}), Anywhere({}, unreadable=("docs/link.md",)), ["docs/link.md"])
    assert found.change_class is SECURITY
    assert "was not read" in found.reasons[0].message


@pytest.mark.parametrize(
    "path", [*examples("change"), *examples("harmless")], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_nothing_that_widens_is_tunable_and_a_file_has_the_class_of_its_changes(path: object) -> None:
    assert hasattr(path, "parent")
    before, after = map(WrittenFiles, sides_of(path))  # type: ignore[arg-type]
    changed = sorted(
        each for each in {*before.paths(), *after.paths()} if before.files.get(each) != after.files.get(each)
    )
    rails = read_guardrails(before), read_guardrails(after)
    changes = compare_guardrails(*rails)
    files = classify_files(changed, (before, after), rails, changes, release_file_reason)
    widening = [each for each in changes if each.direction in (Direction.WIDENS, Direction.UNKNOWN)]
    assert strictest(files).weight >= max((each.change_class.weight for each in changes), default=0)
    assert not widening or strictest(files) is not TUNABLE
    named = {each.rule for file in files for each in file.reasons}
    assert {each.rule for each in widening} <= named


def test_the_reports_say_the_same_and_fit_their_schemas() -> None:
    from jsonschema import Draft202012Validator

    for path in examples("change")[:30]:
        before, after = map(WrittenFiles, sides_of(path))
        rails = guardrails_of(sides_of(path)[0]), guardrails_of(sides_of(path)[1])
        changes = compare_guardrails(*rails)
        changed = [each for each in after.paths() if before.files.get(each) != after.files.get(each)]
        files = classify_files(changed, (before, after), rails, changes, release_file_reason)
        review = strictest(files).value
        assert review in classes_text(files, base="a" * 40, head="b" * 40)
        assert review in classes_markdown(files).replace("\\", "")
        assert len(class_findings(files)) == len(files)
        for name, text in (
            ("change-classes", classes_json(files, base="a" * 40, head="b" * 40)),
            ("guardrail-changes", changes_json(changes, base="a" * 40, head="b" * 40)),
        ):
            schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8"))
            Draft202012Validator(schema).validate(json.loads(text))


def test_a_change_without_files_is_tunable() -> None:
    assert strictest(()) is TUNABLE
    assert "Class tunable" in classes_text((), base="a" * 40, head="b" * 40)
    assert "tunable" in classes_markdown(())
