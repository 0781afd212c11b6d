"""The plan of a pilot: copies of what changes, in place of what everybody has."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce.sf import install
from tests.support.git import commit, git, start
from tests.support.pilot_projects import AGENTS, MAIN, xml
from tests.support.projects import UNUSED

from wavegate.__main__ import main
from wavegate.components.component import ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.planned import CopiedRelease, PlannedPilot
from wavegate.pilot.values import PilotCopy
from wavegate.plan.pilot.originals import check_no_originals
from wavegate.plan.values import Plan
from wavegate.telemetry.kept.as_json import kept_json
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.mapping.values import SourceKind
from wavegate.telemetry.values import OTHERS, DaySum

SETTINGS = '{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}\n'
PILOT = """\
    rollout: canary
    pilotUsers: [desk-leads]
"""
GROUP = {f"{MAIN}/groups/Desk_Leads.group-meta.xml": xml("Group", "    <doesIncludeBosses>false</doesIncludeBosses>")}


class PilotCheckout:
    """A repository whose first commit, a release of one of the three agents, is live for everybody."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.root, self.output = folder / "checkout", folder / "plan"
        self.agent, files = AGENTS[kind]
        self.files: dict[str, bytes | str] = {"sfdx-project.json": SETTINGS, **GROUP, **files}
        self.files["sfdx-project.json"] = SETTINGS
        self.manifest()
        self.live = start(self.root, self._bytes())

    def manifest(self, environment: str = PILOT, more: str = "") -> None:
        """Write the manifest. environment: more keys of the environment; more: at the top level."""
        self.files["agentforce/release.yml"] = (
            f"release: wave-3\nagents: [{{name: {self.agent}}}]\n{more}environments:\n"
            f"  - name: production\n{environment}"
        )

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text of a file."""
        text = self.files[f"{MAIN}/{path}"]
        assert isinstance(text, str) and old in text
        self.files[f"{MAIN}/{path}"] = text.replace(old, new)

    def plan(self, *options: str, live: str | None = None) -> tuple[int, dict[str, Any]]:
        """Commit the files, and plan their promotion."""
        commit(self.root, self._bytes(), "Change")
        arguments = ["--root", str(self.root), "--live", self.live if live is None else live, *options]
        code = main(["plan", "production", *arguments, "--output-dir", str(self.output)])
        return code, json.loads((self.output / "plan.json").read_text(encoding="utf-8"))

    def _bytes(self) -> Mapping[str, bytes]:
        return {path: data if isinstance(data, bytes) else data.encode() for path, data in self.files.items()}


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(install(tmp_path / "bin")), os.environ["PATH"]]))
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


CHANGES = {
    "script": ("classes/TideClock.cls", "Datetime.now()", "Datetime.now().addDays(0)"),
    "files": ("genAiPlugins/Payslips.genAiPlugin-meta.xml", "Use Find_Payslip", "Always use Find_Payslip"),
    "inline": ("flows/Parcel_Summary.flow-meta.xml", "<status>", "<description>New</description>\n    <status>"),
}
COPIES = {
    "script": {"AiAuthoringBundle:Harbor_Guide_Pilot", "ApexClass:TideClock_Pilot", "ApexClass:TideTable_Pilot"},
    "files": {"Bot:Payroll_Desk_Pilot", "GenAiPlannerBundle:Payroll_Desk_Pilot_v3", "GenAiPlugin:Payslips_Pilot"},
    "inline": {"Bot:Parcel_Desk_Pilot", "Flow:Parcel_Summary_Pilot"},
}
TRIGGER = {
    f"{MAIN}/triggers/Berths.trigger": "trigger Berths on Case (before insert) {\n}\n",
    f"{MAIN}/triggers/Berths.trigger-meta.xml": xml("ApexTrigger", "    <status>Active</status>"),
}


def members(plan: dict[str, Any]) -> set[str]:
    return {each["component"] for each in plan["changes"]}


def rules(plan: dict[str, Any], severity: str = "error") -> list[str]:
    return [each["rule"] for each in plan["findings"] if each["severity"] == severity]


@pytest.mark.parametrize("kind", list(CHANGES))
def test_a_pilot_ships_copies_and_nothing_of_the_live_agent(tmp_path: Path, kind: str) -> None:
    checkout = PilotCheckout(tmp_path, kind)
    checkout.edit(*CHANGES[kind])
    code, plan = checkout.plan()
    copies, agent = plan["pilot"]["copies"], checkout.agent
    assert (code, rules(plan), copies["agents"]) == (0, [], {agent: f"{agent}_Pilot"})
    assert COPIES[kind] <= members(plan)
    own = {*copies["components"].values(), f"PermissionSet:{copies['permissionSet']}"}
    assert members(plan) == own
    assert all("_Pilot" in each for each in own)
    assert {each["change"] for each in copies["releaseChanges"]} == {"changed"}
    assert copies["undoneFiles"] > 0
    shipped = [each for stage in plan["stages"] for each in stage]
    assert set(shipped) == own
    # the evidence is for the release, whatever its copies are called
    checkout.manifest(environment="")
    assert checkout.plan()[1]["content"] == plan["content"]


def test_the_steps_of_a_pilot_lead_from_the_copies_to_the_access(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "files")
    checkout.manifest(more="cohorts: {desk-leads: {liveAgent: remove}}\n")
    checkout.edit(*CHANGES["files"])
    _, plan = checkout.plan()
    assert plan["steps"] == [
        "Deploy 6 components (package.xml).",
        "Activate Payroll_Desk_Pilot version 3.",
        (
            "Give access to the pilot users: assign the permission set `Payroll_Desk_Pilot_Access` to desk-leads "
            "(the public group Desk_Leads)."
        ),
        "Take `Payroll_Desk` from desk-leads for the time of the pilot.",
        "Verify in production with every pack.",
    ]


def test_a_person_leads_conversations_to_the_copy_of_a_service_agent(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "inline")
    checkout.edit(*CHANGES["inline"])
    _, plan = checkout.plan()
    assert [each.partition(":")[0] for each in plan["pilot"]["manual"]] == ["Manually", "Manually"]
    assert plan["pilot"]["manual"][0] in plan["steps"]


def test_planning_the_same_commit_again_gives_the_same_plan(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.edit(*CHANGES["script"])
    _, plan = checkout.plan()
    files = {path.name: path.read_bytes() for path in checkout.output.iterdir()}
    _, again = checkout.plan()
    assert {**again, "commit": plan["commit"]} == plan
    files.pop("plan.json")
    assert {name: (checkout.output / name).read_bytes() for name in files} == files


def test_what_cannot_be_copied_is_refused_unless_it_may_reach_everybody(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.files |= TRIGGER
    include = "include: ['ApexTrigger:Berths']\n"
    checkout.manifest(more=include)
    checkout.plan()
    checkout.live = git(checkout.root, "rev-parse", "HEAD").decode().strip()
    checkout.edit(*CHANGES["script"])
    checkout.edit("triggers/Berths.trigger", "{", "{ // changed")
    code, plan = checkout.plan()
    assert (code, rules(plan), plan["pilot"]["copies"]) == (1, ["pilot/not-separable"], None)
    steps = "steps: [{cohorts: [desk-leads]}, {cohorts: all}]"
    checkout.manifest(f"{PILOT}    canary: {{reachesEveryone: accept, {steps}}}\n", include)
    code, plan = checkout.plan()
    assert (code, rules(plan)) == (0, [])
    assert "pilot/not-separable" in rules(plan, "warning")
    assert [each["component"] for each in plan["pilot"]["copies"]["reachEverybody"]] == ["ApexTrigger:Berths"]
    assert {"ApexTrigger:Berths", "ApexClass:TideClock_Pilot"} <= members(plan)
    assert "ApexClass:TideClock" not in members(plan)


def test_more_copied_classes_than_allowed_are_refused_with_their_names(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    steps = "steps: [{cohorts: [desk-leads]}, {cohorts: all}]"
    checkout.manifest(f"{PILOT}    canary: {{maximumCopiedClasses: 1, {steps}}}\n")
    checkout.edit(*CHANGES["script"])
    code, plan = checkout.plan()
    (found,) = [each for each in plan["findings"] if each["rule"] == "pilot/too-many-copies"]
    assert code == 1
    assert "2 Apex classes, more than 1: `TideClock` and `TideTable`" in found["message"]
    assert found["line"] == 7
    checkout.manifest(f"{PILOT}    canary: {{maximumCopiedClasses: 2, {steps}}}\n")
    assert checkout.plan()[0] == 0


def test_names_that_stay_in_a_copy_are_shown_at_their_place_in_the_release(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.edit(*CHANGES["script"])
    _, plan = checkout.plan()
    found = {each["file"]: each for each in plan["findings"] if each["rule"] == "pilot/residue"}
    script = found[f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent"]
    assert "`Harbor_Guide (lines 1, 3)`" in script["message"]
    assert set(found) <= set(checkout.files)


def test_a_manifest_of_prompts_alone_pilots_the_agents_that_use_them(tmp_path: Path) -> None:
    """The cohorts have no details: one is a public group, one a permission set of the project."""
    checkout = PilotCheckout(tmp_path, "script")
    checkout.files |= {
        f"{MAIN}/groups/Service_Ops_Supervisors.group-meta.xml": xml("Group", "    <name>S</name>"),
        f"{MAIN}/permissionsets/Tier2_Support.permissionset-meta.xml": xml("PermissionSet", "    <label>T</label>"),
        "agentforce/release.yml": "release: agentforce-wave-3\nenvironments:\n  - name: uat\n"
        "    prompts: [harbor-notes]\n  - name: production\n    rollout: canary\n    pilotUsers:\n"
        "      - service-ops-supervisors\n      - tier2-support\n",
    }
    checkout.plan()
    checkout.live = git(checkout.root, "rev-parse", "HEAD").decode().strip()
    checkout.edit("genAiPromptTemplates/Harbor_Notes.genAiPromptTemplate-meta.xml", "Tides:", "The tides:")
    code, plan = checkout.plan()
    cohorts = [(each["strategy"], each["group"], each["holdersOf"]) for each in plan["pilot"]["cohorts"]]
    assert (code, rules(plan)) == (0, [])
    assert cohorts == [
        ("pilot-copy", "Service_Ops_Supervisors", None),
        ("pilot-copy", None, "Tier2_Support"),
    ]
    assert plan["pilot"]["copies"]["agents"] == {"Harbor_Guide": "Harbor_Guide_Pilot"}
    assert "GenAiPromptTemplate:Harbor_Notes_Pilot" in members(plan)


def test_a_first_launch_of_what_is_live_is_an_error(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    launch = "cohorts: {desk-leads: {strategy: first-launch, permissionSet: Harbor, group: Desk_Leads}}\n"
    checkout.manifest(more=launch)
    code, plan = checkout.plan()
    assert (code, rules(plan)) == (1, ["canary/not-limited"])
    # nobody says that anything was live
    code, plan = checkout.plan(live="")
    assert (code, rules(plan), plan["pilot"]["copies"]) == (0, [], None)


def test_a_copy_of_an_unknown_difference_is_refused(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.manifest(more="cohorts: {desk-leads: {strategy: pilot-copy}}\n")
    code, plan = checkout.plan(live="")
    assert (code, rules(plan)) == (1, ["pilot/no-live-release"])


@pytest.mark.parametrize("kind", list(CHANGES))
def test_a_copy_without_a_change_is_all_that_the_agent_needs_and_is_undone_in_full(tmp_path: Path, kind: str) -> None:
    checkout = PilotCheckout(tmp_path, kind)
    code, plan = checkout.plan("--pilot-without-change", live="")
    copies = plan["pilot"]["copies"]
    assert (code, rules(plan), copies["releaseChanges"]) == (0, [], [])
    assert COPIES[kind] <= members(plan)
    assert all("_Pilot" in each for each in members(plan))
    assert copies["undoneFiles"] >= len(copies["components"])


def test_a_strategy_that_limits_nothing_says_so(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.manifest(more="cohorts: {desk-leads: {strategy: time-boxed}}\n")
    checkout.edit(*CHANGES["script"])
    code, plan = checkout.plan()
    assert (code, members(plan)) == (0, {"ApexClass:TideClock"})
    assert plan["pilot"]["notLimited"][0].startswith("Everybody gets the release, not only desk-leads")


def test_people_read_who_meets_what_and_what_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.edit(*CHANGES["script"])
    for form in ("text", "markdown"):
        capsys.readouterr()
        checkout.plan("--format", form)
        text = capsys.readouterr().out.replace("\\", "").replace("`", "").replace("&#95;", "_")
        for said in (
            "desk-leads (the public group Desk_Leads) meets Harbor_Guide_Pilot, and keeps Harbor_Guide",
            "Harbor_Guide stays as it is for everybody else",
            "The renaming was undone: 11 files are the release's, byte for byte",
            "ApexClass:TideClock",
        ):
            assert said in text, form


def test_the_brief_says_that_the_live_agent_stays(tmp_path: Path) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.edit(*CHANGES["script"])
    checkout.plan()
    brief = tmp_path / "brief.md"
    arguments = ["--root", str(checkout.root), "--live", checkout.live, "--output", str(brief)]
    assert main(["brief", "production", *arguments]) == 0
    text = brief.read_text(encoding="utf-8").replace("\\", "").replace("`", "").replace("&#58;", ":")
    assert "Harbor_Guide stays as it is for everybody else: nothing of what is live is deployed." in text
    assert "11 files are the release's, byte for byte" in text
    assert "ApexClass:TideClock" in text


def test_an_original_in_the_stage_of_a_pilot_is_a_defect() -> None:
    copy = PilotCopy(
        agents={"A": "A_Pilot"},
        names={ComponentId(type="Bot", name="A"): ComponentId(type="Bot", name="A_Pilot")},
        files={"bots/A_Pilot.bot": b""},
        permission_set="A_Pilot_Access",
    )
    copied = CopiedRelease(copy=copy, scope=ReleaseScope(environment="production"), changes=())
    plan = Plan(
        release="wave-3",
        environment="production",
        since=None,
        **UNUSED,
        api_version="66.0",
        scope=copied.scope,
        changes=(),
        shards=(),
        verify_shards=(),
        powers=(),
        steps=(),
        findings=(),
        pilot=PlannedPilot(cohorts=(), copied=copied),
    )
    check_no_originals(plan, copy.names.values(), copy.files)
    with pytest.raises(AssertionError, match="Bot:A, which is not a copy"):
        check_no_originals(plan, copy.names, copy.files)
    with pytest.raises(AssertionError, match=r"bots/A\.bot, which is not a file of a copy"):
        check_no_originals(plan, copy.names.values(), ["bots/A.bot"])


def test_sums_say_what_a_canary_of_these_cohorts_can_settle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = PilotCheckout(tmp_path, "script")
    checkout.manifest(f"{PILOT}    canary: {{steps: [{{cohorts: [desk-leads]}}, {{cohorts: all}}]}}\n")
    assert {each["supposed"] for each in checkout.plan()[1]["canaryPower"]} == {True}
    file = tmp_path / "sums.json"
    last = date(2026, 11, 30)
    days = [
        DaySum(
            day=last - timedelta(days=number), cohort=cohort, agent=agent, sessions=sessions, good=good, escalated=4
        )
        # newest last; the first day is before the baseline's window
        for number in (56, *range(20, -1, -2))
        for cohort, agent, sessions, good in (
            (OTHERS, checkout.agent, 500, 10),
            ("desk-leads", checkout.agent, 50, 43),
            ("desk-leads", f"{checkout.agent}_Pilot", 30, 1),
        )
    ]
    file.write_bytes(kept_json(kept(days, closed=last + timedelta(days=1))))
    powers = {each["metric"]: each for each in checkout.plan("--sums", str(file))[1]["canaryPower"]}
    assert {name: (each["rate"], each["baseline"]) for name, each in powers.items()} == {
        "taskSuccess": (0.86, 550),
        "escalationRate": (0.08, 550),
    }
    # 550 sessions in 21 days
    assert powers["taskSuccess"]["daysNeeded"] == ceil(powers["taskSuccess"]["sessionsNeeded"] / (550 / 21))
    file.write_bytes(
        kept_json(kept([each for each in days if each.cohort == OTHERS], closed=last + timedelta(days=1)))
    )
    capsys.readouterr()
    assert {each["supposed"] for each in checkout.plan("--sums", str(file))[1]["canaryPower"]} == {True}
    assert "no session of the cohorts `desk-leads`" in capsys.readouterr().err
    file.write_text("{}")
    assert (
        main(["plan", "production", "--root", str(checkout.root), "--live", checkout.live, "--sums", str(file)]) == 2
    )
    assert "sums.json holds no usable daily sums" in capsys.readouterr().err


def kept(days: Sequence[DaySum], *, closed: date) -> KeptSums:
    """The daily sums that a look leaves."""
    return KeptSums(
        source=SourceKind.FILES,
        mapping="0" * 64,
        agents=(),
        users="0" * 64,
        since=closed - timedelta(days=90),
        closed=closed,
        schema="0" * 64,
        has=frozenset({"taskSuccess", "escalationRate"}),
        days=tuple(sorted(days, key=lambda each: (each.day, each.cohort, each.agent))),
        files=(),
    )
