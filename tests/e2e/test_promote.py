"""Releases on their way through two environments, by the workflow that a consumer copies, under `act`."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.github.state import Deployment, Environment
from tests.doubles.salesforce.sf import install
from tests.doubles.webhooks import WebhookDouble
from tests.support.act import Act
from tests.support.consumer import METADATA, action
from tests.support.git import git
from tests.support.product import REFERENCE
from tests.support.promoting import HOOKS, PROMPT, REPLACED, SECRET, WORKFLOW, Stage, files, notifying
from tests.support.tools import node_bin, npm_bin

SHARDED = b"""{
  "suite": "readiness", "tests": ["case-summary-quality", "pii-redaction-check"], "runs": 30,
  "passCriteria": {"minimumSuccessRate": 0.5, "zeroCriticalPolicyViolations": true}
}
"""
SETTLING = b"""{
  "suite": "readiness", "tests": ["case-summary-quality", "pii-redaction-check"], "runs": "until-settled",
  "passCriteria": {"minimumSuccessRate": 0.5, "confidence": 0.9}
}
"""
PROGRAM = b"""import os, pathlib
test, run = os.environ["WAVEGATE_RUN_TEST"], os.environ["WAVEGATE_RUN_NUMBER"]
fixed = (pathlib.Path(os.environ["STAND_IN_ARTIFACTS"]).parent / "fixed").exists()
if (test, run) == ("case-summary-quality", "5") and not fixed:
    os.kill(os.getppid(), 9)
print('{"outcome": "pass"}')
"""
SECRETS = {"DEPLOY_ENV": f"# in the secret\nTEAM_SECRET='{SECRET}'\n"}
VARIABLES = {"DEPLOY_ENV": "BRAND=Acme\nTEAM_SECRET\n"}
APEX_META = b'<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"></ApexClass>\n'
APEX: dict[str, bytes] = {
    "agentforce/release.yml": files(1, version=2)["agentforce/release.yml"]
    .replace(b"[Support_Resolution]\n", b"[Support_Resolution]\n    actions: [Order]\n")
    .replace(b"rollback: {", b"rollback: {actions: {strategy: restore}, apex: {strategy: restore}, "),
    **action("Order", calls="Orders"),
    f"{METADATA}/classes/Orders.cls": b"public class Orders { @InvocableMethod public static void order() {} }\n",
    f"{METADATA}/classes/OrdersTest.cls": b"@IsTest class OrdersTest { @IsTest static void a() { Orders.order(); } }",
    f"{METADATA}/classes/Orders.cls-meta.xml": APEX_META,
    f"{METADATA}/classes/OrdersTest.cls-meta.xml": APEX_META,
}
"""An action that calls a class, and the class's test: an org accepts only validations that ran tests."""
PRODUCTION = f"""
on: push
permissions: {{}}
jobs:
  production:
    permissions:
      {{contents: write, deployments: write, issues: write, pull-requests: write,
        id-token: write, attestations: write}}
    uses: wavegate/wavegate/.github/workflows/promote.yml@{REFERENCE}
    with:
      environment: production
      smoke-runner: command
      smoke-command: |
        python3
        smoke.py
      smoke-pass-env: STAND_IN_ARTIFACTS
"""
UAT = f"{PRODUCTION.replace('production', 'uat')}    secrets: inherit\n"


@pytest.fixture
def stage(tmp_path: Path, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    put_on_path(monkeypatch, install(tmp_path / "bin"))
    stage = Stage(tmp_path, act)
    yield stage
    stage.close()


@pytest.fixture
def receiver() -> Iterator[WebhookDouble]:
    with WebhookDouble() as double:
        yield double


def put_on_path(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, folders), os.environ["PATH"]]))


def newest(stage: Stage, environment: str) -> Deployment:
    return [each for each in releases(stage) if each.environment == environment][-1]


def releases(stage: Stage) -> list[Deployment]:
    return [each for each in stage.github.deployments if each.task == "wavegate"]


def decisions(stage: Stage) -> list[tuple[str, str, str]]:
    """The decisions in the ledger: stage and environment, verdict and state, oldest first."""
    kept = (each for each in stage.github.deployments if each.task.startswith(("wavegate:gate:", "wavegate:verify:")))
    return [(f"{each.payload['stage']} {each.environment}", each.payload["verdict"], each.state) for each in kept]


def recorded(stage: Stage) -> list[tuple[str, str, str]]:
    """The releases in the ledger: environment, release and state, oldest first."""
    return [(each.environment, each.payload["release"], each.state) for each in releases(stage)]


def prompt_digest(stage: Stage, commit: str, **replacements: str) -> str:
    """The digest of the prompt as an org gets it, with each placeholder of its text replaced."""
    text = git(stage.github.git_dir, "show", f"{commit}:{PROMPT}").decode()
    for name, value in replacements.items():
        text = text.replace(f"%%{name}%%", value)
    return hashlib.sha256(
        f"genAiPromptTemplates/{Path(PROMPT).name.removesuffix('-meta.xml')}{text}".encode()
    ).hexdigest()


def checked_only(stage: Stage, environment: str) -> list[bool]:
    """Of every job in an environment's org, whether it only validated."""
    return [bool(job.options.get("checkOnly")) for job in stage.orgs[environment].deployments.jobs.values()]


def hooks(stage: Stage) -> list[str]:
    """What the hooks of the last run recorded, in order."""
    return stage.artifact("hooks").read_text().splitlines()


def deployed(stage: Stage, environment: str) -> dict[tuple[str, str], str]:
    return dict(stage.orgs[environment].deployments.deployed)


def titles(receiver: WebhookDouble) -> list[str]:
    """What Slack was notified of, in order."""
    return [each.value["blocks"][0]["text"]["text"] for each in receiver.of("slack")]


def test_a_release_is_promoted_verified_and_rolled_back(
    stage: Stage, receiver: WebhookDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a good release goes through both environments; here and at the end with the real CLI
    with monkeypatch.context() as real:
        put_on_path(real, node_bin(), npm_bin())
        good = stage.release(1, version=2, **HOOKS, **REPLACED)
        run = stage.promote(secrets=SECRETS, **VARIABLES)
    assert run.exit_code == 0, run.log
    # both hooks of a kind, around the deployment, with a login to its environment's org
    assert hooks(stage) == [
        f"{when}{hook} {name} {org.url} {result}"
        for name, org in stage.orgs.items()
        for when, result in (("before", "none"), ("after", "deployed"))
        for hook in (".sh", "/action.yml")
    ]
    # the CLI gets the values for its replacements; the log never shows the secret one
    as_sent = prompt_digest(stage, good, BRAND="Acme", TEAM=SECRET)
    assert deployed(stage, "uat")["GenAiPromptTemplate", "Support_Resolution"] == as_sent
    assert stage.leaked(run) == []
    # production's org has validated the release before the approval
    assert (checked_only(stage, "uat"), checked_only(stage, "production")) == ([False], [True, False])
    assert "| Validation | ✅ a check-only deployment succeeded in " in run.calls["production"].summary
    assert "| Validation | ⚠️ not validated: there are no credentials" in run.calls["uat"].summary
    assert [each.message for each in run.calls["uat"].annotations if "Not validated" in each.message] != []
    assert {name: set(call.jobs.values()) for name, call in run.calls.items()} == {
        "uat": {"success"},
        "production": {"success"},
    }
    assert (stage.live("uat"), stage.live("production")) == (2, 2)
    assert recorded(stage) == [("uat", "wave-1", "success"), ("production", "wave-1", "success")]
    assert deployed(stage, "production") == deployed(stage, "uat") != {}
    decision = stage.artifact("wavegate-production-wave-1-decision-attempt-1") / "wavegate-decision.json"
    digest = hashlib.sha256(decision.read_bytes()).hexdigest()
    assert newest(stage, "production").payload["evidence"] == stage.attestation() == digest
    assert newest(stage, "production").sha == good
    # every decision is in the ledger too, where it never looks live
    assert decisions(stage) == [
        (question, "pass", "inactive")
        for question in ("gate uat", "verify uat", "gate production", "verify production")
    ]
    as_released = deployed(stage, "production")

    # a bad one stops at the gate: nobody is asked to approve it, and production is not touched
    stage.github.state.environments.append(Environment(id=1, name="production", reviewers=["@ada"]))
    slack = {"SLACK_WEBHOOK_URL": receiver.slack}
    stage.release(2, version=3, **notifying(2, version=3))
    stage.script("uat", pii_redaction_check="FAILURE")
    as_before = deployed(stage, "production")
    run = stage.promote(secrets=slack)
    assert run.exit_code == 1, run.log
    production = run.calls["production"]
    succeeded = dict.fromkeys(("plan", "check-only", "prove"), "success")
    assert production.jobs == {**succeeded, "gate": "failure", "promotion": "failure"}
    assert production.outputs["gate"]["verdict"] == "fail"
    assert "is not ready for production" in production.summary.replace("\\", "")
    assert (stage.live("uat"), stage.live("production")) == (3, 2)
    assert deployed(stage, "production") == as_before
    assert checked_only(stage, "production") == [True, False, True]
    assert recorded(stage)[2:] == [("uat", "wave-2", "success")]
    assert stage.github.pulls == []
    assert titles(receiver) == ["⛔ Promotion refused: wave-2 to production"]
    assert [(each.title, each.state) for each in stage.github.issues] == [(*titles(receiver), "open")]

    # one that breaks after its deployment has its rollback pull request open, and its deployment marked failed
    stage.script("uat")
    stage.script("production", case_summary_quality="FAILURE")
    bad = stage.release(3, version=3, **REPLACED, **notifying(3, version=3))
    run = stage.promote(secrets=SECRETS | slack, **VARIABLES)
    assert run.exit_code == 1, run.log
    production = run.calls["production"]
    assert production.jobs["deploy"] == "failure"
    assert (production.jobs["rollback"], production.jobs["promotion"]) == ("success", "failure")
    assert production.outputs["verify"]["verdict"] == "fail"
    assert stage.leaked(run) == []
    (pull,) = stage.github.pulls
    assert production.outputs["rollback"]["pull-request"] == str(pull.number)
    assert (production.outputs["rollback"]["live"], production.outputs["rollback"]["target"]) == (bad, good)
    assert "case-summary-quality" in (pull.body or "").replace("\\", "")
    assert recorded(stage)[3:] == [("uat", "wave-3", "success"), ("production", "wave-3", "failure")]
    # the reviewers of production are notified, those of uat are not: it has none
    assert titles(receiver)[1:] == [
        "⏳ Waiting for approval: wave-3 to production",
        "↩️ Rollback of wave-3 opened in production",
    ]
    assert pull.title not in receiver.taken[-1].body.decode()
    assert f"/pull/{pull.number}|" in receiver.taken[-1].body.decode()
    assert receiver.slack not in run.log
    # the manifest's procedure for agents has the version before live at once; the rest comes with the pull request
    assert (stage.live("uat"), stage.live("production")) == (3, 2)

    # merged and promoted again, the old release is live
    stage.github.merge(pull.number)
    assert git(stage.github.git_dir, "show", f"main:{PROMPT}") == git(
        stage.github.git_dir, "show", f"{good}:{PROMPT}"
    )
    stage.script("production")
    with monkeypatch.context() as real:
        put_on_path(real, node_bin(), npm_bin())
        run = stage.promote(secrets=SECRETS, **VARIABLES)
    assert run.exit_code == 0, run.log
    assert stage.leaked(run) == []
    assert (stage.live("uat"), stage.live("production")) == (2, 2)
    assert recorded(stage)[5:] == [("uat", "wave-1", "success"), ("production", "wave-1", "success")]
    # version 3 stays in the org, turned off: the way forth again
    assert as_released.items() <= deployed(stage, "production").items()
    assert len(stage.github.pulls) == 1
    # each environment's brief is one comment on the pull request that brought the release
    assert [each.creator for each in pull.comments] == ["github-actions[bot]"] * 2
    first, second = (each.body.replace("\\", "") for each in pull.comments)
    assert "⏩ GO, FAST LANE: wave-1 was live in uat before" in first
    assert "⏩ GO, FAST LANE: wave-1 was live in production before" in second
    assert "| Live now | wave-3" in second


def test_a_shard_that_is_killed_is_never_a_pass_and_the_summary_names_it(stage: Stage) -> None:
    changed = {
        "agentforce/packs/readiness.json": SHARDED,
        "smoke.py": PROGRAM,
        WORKFLOW: PRODUCTION.encode(),
    }
    stage.was_live("uat", stage.release(1, version=2, **changed))
    run = stage.promote()
    assert run.exit_code == 1, run.log
    production = run.calls["production"]
    assert "deploy" not in production.jobs
    assert production.outputs["gate"]["verdict"] == "inconclusive"
    # the other two shards ran to their end
    assert len(list(stage.artifact("").glob("*-prove-*/*.jsonl"))) == 2
    summary = production.summary.replace("\\", "")
    assert "Shard 2/3 of readiness left no observations" in summary
    assert "The shard jobs ended with result failure" in summary
    assert "Shard 1/3" not in summary
    assert production.jobs["promotion"] == "failure"
    assert recorded(stage) == [("uat", "wave-1", "success")]
    assert decisions(stage) == [("gate production", "inconclusive", "inactive")]
    first = {path: path.read_bytes() for path in stage.artifact("").rglob("*") if path.is_file()}

    # run again until it passes: the brief says so, and the evidence of the first attempt is still there
    (stage.folder / "fixed").touch()
    run = stage.rerun(3)
    production = run.calls["production"]
    assert (production.jobs["gate"], production.outputs["gate"]["verdict"]) == ("success", "pass"), run.log
    (entry,) = (each for each in stage.github.deployments if each.payload.get("attempt") == 1)
    page = entry.payload["run"].removesuffix("/1")
    attempts = f"[inconclusive]({page}/1), [no readable decision]({page}/2)"
    said = f"Third attempt with this same content; the first two: {attempts}."
    brief = production.summary.rpartition("is ready for production")[2]
    assert said in re.sub(r" \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)", "", brief.partition("| If approved |")[0])
    assert {path: path.read_bytes() for path in first} == first
    assert {path.parent.name.rpartition("-attempt-")[2] for path in stage.artifact("").rglob("*.jsonl")} == {"1", "3"}


def test_a_pack_that_runs_until_it_is_settled_goes_on_where_an_earlier_attempt_ended(stage: Stage) -> None:
    killed_later = PROGRAM.replace(b'"5"', b'"2"')
    packs = {"agentforce/packs/readiness.json": SETTLING, "smoke.py": killed_later}
    stage.was_live("uat", stage.release(1, version=2, **packs, **{WORKFLOW: PRODUCTION.encode()}))
    production = stage.promote().calls["production"]
    assert production.outputs["gate"]["verdict"] == "inconclusive"
    # what the first wave observed is kept, although the job was killed in the second
    (first,) = stage.artifact("").glob("*-prove-1-part-1-attempt-1/*.jsonl")
    assert len(first.read_text().splitlines()) == 2

    (stage.folder / "fixed").touch()
    run = stage.rerun(2)
    production = run.calls["production"]
    assert production.outputs["gate"]["verdict"] == "pass", run.log
    (second,) = stage.artifact("").glob("*-prove-1-part-2-attempt-2/*.jsonl")
    assert {json.loads(line)["run"] for line in second.read_text().splitlines()} == {2, 3}
    summary = production.summary.replace("\\", "")
    assert "6 of 6 answers passed" in summary
    assert "Judges evidence of 1 earlier decision again, and leaves none of it out" in summary


def test_only_what_the_org_accepts_gets_to_the_gate_and_it_is_deployed_as_validated(stage: Stage) -> None:
    checked = UAT.replace("environment: uat\n", "environment: uat\n      check-environment: uat\n")
    stage.release(1, version=2, **APEX, **{WORKFLOW: checked.encode(), "smoke.py": PROGRAM})
    stage.orgs["uat"].deployments.plan(failures={"Support_Resolution": "Invalid template"})
    run = stage.promote()
    assert run.exit_code == 1, run.log
    uat = run.calls["uat"]
    assert uat.jobs == {"plan": "success", "check-only": "failure", "promotion": "failure"}
    assert "Invalid template" in uat.summary
    assert (stage.live("uat"), recorded(stage), deployed(stage, "uat")) == (1, [], {})

    run = stage.promote()
    assert run.exit_code == 0, run.log
    _, validation, quick = stage.orgs["uat"].deployments.jobs.values()
    assert quick.options["validation"] == validation.id
    assert f"Deployment {quick.id} deploys what {validation.id} validated" in run.calls["uat"].summary
    assert (
        "| Validation | ✅ a check-only deployment succeeded in <code>127&#46;0&#46;0&#46;1"
        in run.calls["uat"].summary
    )
    assert (stage.live("uat"), recorded(stage)) == (2, [("uat", "wave-1", "success")])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failing_hook_fails_the_promotion(stage: Stage, when: str) -> None:
    hook = {f".github/wavegate/{when}-deploy.sh": b"echo broken hook\nexit 1\n"}
    stage.release(1, version=2, **{**HOOKS, **hook, WORKFLOW: UAT.encode()})
    run = stage.promote()
    assert run.exit_code == 1, run.log
    assert "broken hook" in run.log
    uat = run.calls["uat"]
    assert (uat.jobs["deploy"], uat.jobs["promotion"]) == ("failure", "failure")
    # without a verification, there is nothing to roll back
    assert "rollback" not in uat.jobs
    assert "verdict" not in uat.outputs.get("verify", {})
    if when == "before":
        assert (stage.live("uat"), recorded(stage), deployed(stage, "uat")) == (1, [], {})
    else:
        assert (stage.live("uat"), recorded(stage)) == (2, [("uat", "wave-1", "success")])
        assert [each.split()[0] for each in hooks(stage)] == ["before.sh", "before/action.yml"]
