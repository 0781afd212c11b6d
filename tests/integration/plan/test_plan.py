"""A plan: what a release changes, its package manifests, its shards, and deployment hazards."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doubles.salesforce.sf import install
from tests.support.definitions import definition, definition_path
from tests.support.hostile import HOSTILE
from tests.support.planning import FORCE, PACK_PATH, RELEASE, Checkout, members, rules_of
from tests.support.projects import UNUSED

from wavegate.__main__ import main
from wavegate.census.values import Census, ExpectedCases
from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.package_file import read_package
from wavegate.components.package_xml import package_xml
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.plan.as_json import plan_json, shards_json
from wavegate.plan.as_markdown import plan_markdown
from wavegate.plan.as_text import plan_text
from wavegate.plan.shards import divide
from wavegate.plan.values import Plan
from wavegate.release.pack import Criteria, Pack, PackTest

ON_EVERYTHING = ["release/uses-outside", "apex/untested"]
"""Rules that the fixture project breaks where a plan sends all of it."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("PATH", os.pathsep.join([str(install(tmp_path / "bin")), os.environ["PATH"]]))
    return Checkout(tmp_path)


@pytest.fixture(autouse=True)
def _no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


def test_unchanged_components_are_not_deployed(checkout: Checkout) -> None:
    code, plan = checkout.plan()
    assert (code, plan["changes"], rules_of(plan)) == (0, [], [])
    assert checkout.package() == {}
    assert (plan["live"], plan["commit"]) == (checkout.live, checkout.git("rev-parse", "HEAD"))


def test_without_a_commit_to_compare_with_everything_is_new(checkout: Checkout) -> None:
    code, plan = checkout.plan(live="")
    components, changes = plan["components"], plan["changes"]
    assert {each["change"] for each in changes} == {"added"}
    # one that is written in another's file is shipped with that file
    assert [each["component"] for each in changes] == [
        each["component"] for each in components if "/" not in each["component"]
    ]
    expected = [*ON_EVERYTHING, "deploy/flow-definition", "plan/nothing-to-compare"]
    assert (code, plan["live"], rules_of(plan)) == (0, None, expected)
    package = checkout.package()
    assert package["BotVersion"] == ["Support_Agent.v3"]
    assert package["AiAuthoringBundle"] == ["Field_Agent", "Field_Agent_1"]
    assert list(package) == sorted(package)


def test_a_change_in_any_file_of_a_component_counts(checkout: Checkout) -> None:
    schema = f"{FORCE}/genAiFunctions/Update_Case_Status/input/schema.json"
    checkout.edit(schema, "Update case status", "New status")
    _, plan = checkout.plan()
    assert plan["changes"] == [{"component": "GenAiFunction:Update_Case_Status", "change": "changed"}]


def test_moved_components_are_unchanged_and_components_of_others_are_excluded(checkout: Checkout) -> None:
    checkout.git("mv", f"{FORCE}/flows/Update_Case_Status.flow-meta.xml", "integrations/main/default/flows/")
    checkout.edit(f"{FORCE}/classes/InvoiceBatch.cls", "{", "{ // changed")
    _, plan = checkout.plan()
    assert plan["changes"] == []


def test_components_removed_from_the_release_are_deleted(checkout: Checkout) -> None:
    checkout.edit(
        f"{FORCE}/genAiPlugins/Shipment_Tracking.genAiPlugin-meta.xml",
        "<genAiFunctions>\n        <functionName>Predict_Delivery</functionName>\n    </genAiFunctions>",
        "",
    )
    for path in sorted((checkout.root / "integrations/main/default/genAiFunctions/Predict_Delivery").rglob("*.*")):
        path.unlink()
    checkout.plan()
    # what stays in the project, although this release no longer needs it, must not be deleted
    assert checkout.package("destructiveChangesPost.xml") == {"GenAiFunction": ["Predict_Delivery"]}
    assert checkout.package() == {"GenAiPlugin": ["Shipment_Tracking"]}


def _planner(checkout: Checkout) -> None:
    planner = f"{FORCE}/genAiPlannerBundles/Support_Agent_v3/Support_Agent_v3.genAiPlannerBundle"
    checkout.edit(planner, "shipments and returns", "shipments, returns and refunds")


def _topic(checkout: Checkout) -> None:
    checkout.edit(f"{FORCE}/genAiPlugins/Case_Handling.genAiPlugin-meta.xml", "Case handling", "Cases")


def _topic_and_planner(checkout: Checkout) -> None:
    _topic(checkout)
    _planner(checkout)


def _topic_and_new_version(checkout: Checkout) -> None:
    _topic(checkout)
    planners = checkout.root / f"{FORCE}/genAiPlannerBundles"
    (planners / "Support_Agent_v3").rename(planners / "Support_Agent_v4")
    (planners / "Support_Agent_v4/Support_Agent_v3.genAiPlannerBundle").rename(
        planners / "Support_Agent_v4/Support_Agent_v4.genAiPlannerBundle"
    )
    versions = checkout.root / f"{FORCE}/bots/Support_Agent"
    (versions / "v3.botVersion-meta.xml").rename(versions / "v4.botVersion-meta.xml")
    checkout.edit(f"{FORCE}/bots/Support_Agent/v4.botVersion-meta.xml", "Agent_v3", "Agent_v4")
    checkout.edit(f"{FORCE}/bots/Support_Agent/v4.botVersion-meta.xml", ">v3<", ">v4<")
    checkout.edit("agentforce/release.yml", "version: 3", "version: 4")


def test_an_earlier_version_stays_in_the_org_for_a_rollback(checkout: Checkout) -> None:
    _topic_and_new_version(checkout)
    _, plan = checkout.plan()
    assert plan["changes"] == [
        {"component": "Bot:Support_Agent", "change": "sent along"},
        {"component": "BotVersion:Support_Agent.v3", "change": "kept"},
        {"component": "BotVersion:Support_Agent.v4", "change": "added"},
        {"component": "GenAiPlannerBundle:Support_Agent_v3", "change": "kept"},
        {"component": "GenAiPlannerBundle:Support_Agent_v4", "change": "added"},
        {"component": "GenAiPlugin:Case_Handling", "change": "changed"},
    ]
    assert checkout.package("destructiveChangesPost.xml") == {}


def test_a_flow_is_deleted_after_the_deployment_and_its_definition_is_never_deployed(checkout: Checkout) -> None:
    (checkout.root / f"{FORCE}/flows/Notify_Case_Owner.flow-meta.xml").unlink()
    for user in ("Update_Case_Status", "Refund_Approval"):
        checkout.edit(f"{FORCE}/flows/{user}.flow-meta.xml", "Notify_Case_Owner", "Load_Case_Context")
    _, plan = checkout.plan()
    changes = plan["changes"]
    assert isinstance(changes, list)
    removed = [each["component"] for each in changes if each["change"] == "removed"]
    assert removed == ["Flow:Notify_Case_Owner"]
    assert checkout.package("destructiveChangesPost.xml") == {}
    assert "FlowDefinition" not in checkout.package()
    steps = plan["steps"]
    assert isinstance(steps, list)
    assert "Deactivate and delete the flow Notify_Case_Owner." in steps
    assert not [each for each in steps if "destructiveChangesPost" in each]


def _published_prompt(checkout: Checkout) -> None:
    template = f"{FORCE}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
    checkout.edit(template, "Resolve the case politely.", "Resolve it.")


def _new_prompt_version(checkout: Checkout) -> None:
    template = f"{FORCE}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
    checkout.edit(template, "Support_Resolution_4", "Support_Resolution_6")


def _locked_script(checkout: Checkout) -> None:
    checkout.edit(f"{FORCE}/aiAuthoringBundles/Field_Agent_1/Field_Agent_1.agent", "You plan visits.", "Plan visits.")


def _draft_script(checkout: Checkout) -> None:
    checkout.edit(f"{FORCE}/aiAuthoringBundles/Field_Agent/Field_Agent.agent", "You plan visits.", "Plan visits.")


def _deleted_apex(checkout: Checkout) -> None:
    checkout.edit(f"{FORCE}/flows/Update_Case_Status.flow-meta.xml", "CaseStatusWriter", "CaseContextProvider")
    for suffix in ("cls", "cls-meta.xml"):
        (checkout.root / f"{FORCE}/classes/CaseStatusWriter.{suffix}").unlink()


def _no_procedure(checkout: Checkout) -> None:
    checkout.edit("agentforce/release.yml", "  apex: {strategy: restore}\n", "")


def _no_procedure_enforced(checkout: Checkout) -> None:
    _no_procedure(checkout)
    checkout.edit("agentforce/release.yml", "release: wave-3", "release: wave-3\nreadiness: enforce")


PITFALLS: list[tuple[Callable[[Checkout], None], int, list[str]]] = [
    (_planner, 0, ["deploy/active-planner"]),
    (_topic, 0, ["deploy/topic-alone"]),
    (_topic_and_planner, 0, ["deploy/active-planner"]),
    (_topic_and_new_version, 0, []),
    (_published_prompt, 1, ["deploy/published-prompt"]),
    (_new_prompt_version, 0, []),
    (_locked_script, 1, ["deploy/locked-bundle"]),
    (_draft_script, 0, ["deploy/unpublished-script"]),
    (_no_procedure, 0, ["readiness/no-rollback-procedure"]),
    (_no_procedure_enforced, 1, ["readiness/no-rollback-procedure"]),
]


def test_a_deleted_class_that_the_org_still_uses_is_left_there(checkout: Checkout) -> None:
    _deleted_apex(checkout)
    code, plan = checkout.plan()
    (left,) = [each for each in plan["changes"] if each["change"] == "left"]
    assert (code, left["component"]) == (0, "ApexClass:CaseStatusWriter")
    assert left["reason"] == "`Flow:Update_Case_Status` in the org still uses it"


def test_what_may_not_hold_in_the_environments_org_is_a_warning_before_the_promotion(checkout: Checkout) -> None:
    checkout.edit("sfdx-project.json", '"sourceApiVersion": "66.0"', '"sourceApiVersion": "62.0"')
    script = f"{FORCE}/aiAuthoringBundles/Field_Agent_1/Field_Agent_1.agent"
    checkout.write(
        script,
        (checkout.root / script).read_text() + 'knowledge:\n  rag_feature_config_id: "ARFPC_1JDgK000007MWZtWAO"\n',
    )
    _, plan = checkout.plan()
    assert {"component/api-version", "agent/org-bound-id"} <= set(rules_of(plan))


def test_what_a_shipped_component_uses_and_the_release_leaves_out_is_listed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    permissions = f"{FORCE}/permissionsets/Support_Agent_Access.permissionset-meta.xml"
    checkout.edit(permissions, "<label>", "<label>New ")
    code, plan = checkout.plan()
    assert (code, rules_of(plan)) == (0, ["release/uses-outside"])
    used = {"source": "PermissionSet:Support_Agent_Access", "target": "ApexClass:InvoiceBatch"}
    assert plan["outside"] == [used]
    assert "Used, but not shipped:\n  ApexClass:InvoiceBatch\n" in capsys.readouterr().out


@pytest.mark.parametrize(("change", "code", "rules"), PITFALLS)
def test_deploy_hazards(checkout: Checkout, change: Callable[[Checkout], None], code: int, rules: list[str]) -> None:
    change(checkout)
    found, plan = checkout.plan()
    assert (found, rules_of(plan)) == (code, rules)


def test_kinds_without_a_rollback_procedure_are_named(checkout: Checkout) -> None:
    checkout.edit("agentforce/release.yml", RELEASE[RELEASE.index("rollback:") : RELEASE.index("environments:")], "")
    _, plan = checkout.plan()
    # an agent returns to its previous version, and git restores a permission set
    assert "`prompts`, `actions`, `flows`, `apex` and `credentials`" in json.dumps(plan["findings"])


def test_a_misspelt_action_of_a_policy_is_in_the_plan(checkout: Checkout) -> None:
    test = {"name": "no-returns", "kind": "action-safety", "severity": "critical", "policies": ["p"]}
    pack = {
        "suite": "smoke",
        "tests": [test],
        "passCriteria": {"minimumSuccessRate": 0.9, "zeroCriticalPolicyViolations": True},
        "policies": {"p": {"forbiddenActions": ["Create_Returns"]}},
    }
    checkout.write(PACK_PATH, json.dumps(pack, indent=1))
    code, plan = checkout.plan()
    (finding,) = [each for each in plan["findings"] if each["rule"] == "policy/unknown-action"]
    assert (code, finding["file"], finding["line"]) == (0, PACK_PATH, 20)
    assert finding["fix"].endswith("Did you mean `Create_Return`?")
    checkout.edit(PACK_PATH, "Create_Returns", "Create_Return")
    assert "policy/unknown-action" not in rules_of(checkout.plan()[1])


def test_a_criterion_that_no_test_can_break_is_in_the_plan(checkout: Checkout) -> None:
    checkout.edit(
        PACK_PATH, '"minimumSuccessRate": 0.9', '"minimumSuccessRate": 0.9, "zeroCriticalPolicyViolations": true'
    )
    assert "criteria/no-critical-test" in rules_of(checkout.plan()[1])


def test_the_steps_are_in_the_required_order(checkout: Checkout) -> None:
    _planner(checkout)
    checkout.write(f"{FORCE}/classes/Unrelated.cls", "x")
    credential = "integrations/main/default/externalCredentials/Shipment_Auth.externalCredential-meta.xml"
    checkout.edit(credential, "Custom", "Jwt")
    _, plan = checkout.plan()
    assert plan["steps"] == [
        "Check manually that the org has the secrets of `ExternalCredential:Shipment_Auth` (runbooks/rotate.md).",
        "Deactivate Support_Agent if version 3 is active: its planner changes.",
        "Deploy 2 components (package.xml).",
        "Activate Support_Agent version 3.",
        "Activate Field_Agent version 1.",
        "Verify in production with every pack.",
    ]


def test_a_new_template_is_planned_after_its_new_provider_and_both_stages_are_written(checkout: Checkout) -> None:
    checkout.plan(live="")
    stages = [checkout.package("package-1.xml"), checkout.package("package-2.xml")]
    assert stages[0]["Flow"] == ["Load_Case_Context"]
    assert "Support_Resolution" in stages[1]["GenAiPromptTemplate"]
    assert not (checkout.output / "package-3.xml").exists()
    _, plan = checkout.plan(live="")
    assert plan["stages"] == [
        [f"{kind}:{name}" for kind, names in stage.items() for name in names] for stage in stages
    ]
    deploys = [step for step in plan["steps"] if step.startswith("Deploy")]
    assert deploys[0].startswith("Deploy stage 1 of 2, ")
    assert "`Flow:Load_Case_Context`" in deploys[0]
    read = read_package(checkout.output)
    assert [path.name for path, _ in read.stages] == ["package-1.xml", "package-2.xml"]
    assert read.stages[0][1] | read.stages[1][1] == read.members
    # the next plan changes nothing: it has no stages, and none of this one's are left to be deployed
    _, plan = checkout.plan()
    assert plan["stages"] == []
    assert [path.name for path, _ in read_package(checkout.output).stages] == ["package.xml"]


def test_stages_that_are_not_the_package_are_refused(checkout: Checkout) -> None:
    checkout.plan(live="")
    (checkout.output / "package-2.xml").unlink()
    with pytest.raises(InputError, match=r"The stages in .* do not list the components of package\.xml"):
        read_package(checkout.output)


@pytest.fixture
def in_actions(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, str]]:
    """Plans as a step of a workflow, whose summary is the file `summary`, and returns the step's outputs."""
    outputs = checkout.output / "outputs"
    checkout.output.mkdir()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout.output / "summary"))

    def plan() -> dict[str, str]:
        checkout.plan()
        return dict(re.findall(r"^([\w-]+)<<(?:\w+)\n(.*)\n", outputs.read_text(encoding="utf-8"), re.MULTILINE))

    return plan


def test_the_outputs_for_a_workflow(
    checkout: Checkout, in_actions: Callable[[], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _topic(checkout)
    found = in_actions()
    assert json.loads(found["shards"]) == [
        {
            "environment": "uat",
            "suite": "smoke",
            "pack": PACK_PATH,
            "shard": f"{part}/3",
            "runs": 20,
            "conversations": 20,
            "until-settled": False,
            "artifact": f"wavegate-production-wave-3-prove-{part}",
        }
        for part in (1, 2, 3)
    ]
    assert (found["release"], found["artifacts"]) == ("wave-3", "wavegate-production-wave-3")
    assert {each["environment"] for each in json.loads(found["verify-shards"])} == {"production"}
    assert (found["changed"], found["package"]) == ("1", str(checkout.output / "package.xml"))
    assert (checkout.output / "summary").read_text(encoding="utf-8").startswith("### Plan: ")
    (annotation,) = re.findall(r"^::.*$", capsys.readouterr().out, re.MULTILINE)
    assert annotation.startswith(f"::warning file={FORCE}/genAiPlugins/Case_Handling.genAiPlugin-meta.xml")


def test_a_workflow_learns_whether_anybody_is_to_be_notified(
    checkout: Checkout, in_actions: Callable[[], dict[str, str]]
) -> None:
    assert in_actions()["notifies"] == "false"
    checkout.write("agentforce/release.yml", f"{RELEASE}notify: {{issue: {{}}}}\n")
    assert in_actions()["notifies"] == "true"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["staging"], "The manifest has no environment staging."),
        (["uat", "--live", "nope"], "nope is not a commit of this repository."),
        (["uat", "--output-dir", "ROOT/agentforce/release.yml/x"], "cannot be written: "),
    ],
)
def test_wrong_input(
    checkout: Checkout,
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = str(checkout.root)
    assert main(["plan", *(each.replace("ROOT", root) for each in arguments), "--root", root]) == 2
    assert message in capsys.readouterr().err


def test_a_live_commit_without_the_manifest_leaves_everything_new(checkout: Checkout) -> None:
    checkout.git("mv", "agentforce/release.yml", "agentforce/wave.yml")
    _, plan = checkout.plan()
    expected = [*ON_EVERYTHING, "deploy/flow-definition", "plan/nothing-to-compare"]
    assert (plan["live"], rules_of(plan)) == (None, expected)


@pytest.mark.parametrize(
    ("runs", "most", "parts"),
    [
        ([1], 256, [1]),
        ([20], 256, [1]),
        ([21], 256, [2]),
        ([4, 100], 256, [1, 5]),
        ([100_000], 256, [256]),
        ([50_000, 3, 50_000], 256, None),
        ([1] * 256, 256, [1] * 256),
    ],
)
def test_packs_are_divided_evenly_within_the_limit(runs: list[int], most: int, parts: list[int] | None) -> None:
    packs = [_pack(f"p{index}", count) for index, count in enumerate(runs)]
    shards = divide(packs, "uat", most=most)
    assert len(shards) <= most
    by_pack = {pack.suite: [each for each in shards if each.pack is pack] for pack in packs}
    for pack, count in zip(packs, runs, strict=True):
        mine = by_pack[pack.suite]
        assert sum(each.runs for each in mine) == count
        assert max(each.runs for each in mine) - min(each.runs for each in mine) <= 1
        assert [(each.part, each.of) for each in mine] == [(n, len(mine)) for n in range(1, len(mine) + 1)]
    if parts and max(runs) < 100_000:
        assert [len(each) for each in by_pack.values()] == parts


def test_a_plan_counts_the_cases_that_the_commit_declares(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"{FORCE}/{definition_path('thirteen')}"
    pack = {
        "suite": "smoke",
        "tests": ["thirteen"],
        "runs": "auto",
        "passCriteria": {"minimumSuccessRate": 0.9, "confidence": 0.95},
    }
    checkout.write(PACK_PATH, json.dumps(pack))
    checkout.write(place, definition(13))
    checkout.commit()
    checkout.write(place, definition(1))
    _, plan = checkout.plan_head()
    shown = capsys.readouterr().out
    assert [(each["runs"], each["conversations"]) for each in plan["shards"]] == [(5, 65)]
    assert plan["census"] == {"smoke": {"thirteen": {"cases": 13, "from": place}}}
    assert (plan["power"][0]["conversations"], plan["power"][0]["cases"]) == (65, {"thirteen": 13})
    assert "in uat: smoke (5 runs, 65 conversations) in 1 job." in shown
    assert f"13 cases of 1 test, declared in `{place}`." in shown
    checkout.write(place, definition(0))
    assert "census/no-cases" in rules_of(checkout.plan()[1])


def test_a_definition_of_another_version_than_the_pinned_one_is_an_error(checkout: Checkout) -> None:
    pack = {"suite": "smoke", "tests": ["pinned"], "passCriteria": {"minimumSuccessRate": 0.9}}
    checkout.write(PACK_PATH, json.dumps(pack))
    for version, found in (("v3", []), ("v1", ["uat", "production"])):
        checkout.write(f"{FORCE}/{definition_path('pinned')}", definition(1, version=version))
        _, plan = checkout.plan()
        messages = [each["message"] for each in plan["findings"] if each["rule"] == "census/other-version"]
        assert messages == [
            f"It tests version 1 of Support_Agent, but the manifest pins version 3 in {where}." for where in found
        ]


@pytest.mark.parametrize(
    ("cases", "runs", "jobs"), [(1, 20, 1), (34, 2, 1), (34, 20, 5), (500, 2, 2), (20_000, 3, 3)]
)
def test_jobs_are_as_large_as_their_conversations(cases: int, runs: int, jobs: int) -> None:
    known = Census(tests={("p", "t"): ExpectedCases(count=cases, source="x")})
    shards = divide([_pack("p", runs)], "uat", census=known)
    assert len(shards) == jobs
    assert sum(each.conversations for each in shards) == cases * runs
    assert sum(each.runs for each in shards) == runs


def test_more_packs_than_jobs_are_an_error() -> None:
    with pytest.raises(InputError, match="3 smoke packs"):
        divide([_pack(str(index), 1) for index in range(3)], "uat", most=2)


def _pack(suite: str, runs: int) -> Pack:
    return Pack(suite=suite, tests=(PackTest(name="t"),), criteria=Criteria(minimum_success_rate=0.9), runs=runs)


def test_a_package_escapes_what_it_names() -> None:
    names = ["<b>&\"'", "Z", "A"]
    components = [Component(id=ComponentId(type="Flow", name=name), path="x") for name in names]
    assert members(package_xml(components, "66.0<")) == {"Flow": sorted(names)}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_plan_stays_text(text: str) -> None:
    plan = _hostile(text)
    report = plan_markdown(plan)
    picture = report[report.index("```mermaid") :]
    assert re.fullmatch(r"```mermaid\ngraph LR\n(  [\w .\[\]\"#?>,:…-]+\n)+```\n\n</details>\n", picture, re.ASCII)
    table = [line for line in report.splitlines() if line.startswith("| ") and "<code>" in line]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {4}
    assert not re.search(r"@\w", report)
    assert "<script" not in report
    # a line of the log that begins so would be read as a command
    assert not [line for line in plan_text(plan).splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert len(plan_text(plan).splitlines()) == len(plan_text(_hostile("x")).splitlines())
    assert json.loads(plan_json(plan))["release"] == text
    assert "\n" not in shards_json(plan.shards, prefix="p")


def _hostile(text: str) -> Plan:
    one, other = (Component(id=ComponentId(type="Flow", name=f"{text}{end}"), path=text) for end in "ab")
    place = Location(file=text)
    scope = ReleaseScope(
        environment=text, components=(one, other), edges=(Edge(source=one.id, target=other.id, location=place),)
    )
    return Plan(
        release=text,
        environment=text,
        since=None,
        **UNUSED,
        api_version="66.0",
        scope=scope,
        changes=(ComponentChange(component=one, kind=ChangeKind.ADDED),),
        shards=divide([_pack(text, 3)], text),
        verify_shards=(),
        powers=(),
        steps=(text,),
        findings=(Finding(rule="a/b", severity=Severity.ERROR, location=place, message=text, fix=text),),
    )
