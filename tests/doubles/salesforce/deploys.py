"""Deployment jobs: an uploaded package, the statuses it goes through, and its changes to the org when it ends."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.salesforce.deletions import refused
from tests.doubles.salesforce.flows import Flows
from tests.doubles.salesforce.package import Key, Package, PackageError, open_package
from tests.doubles.salesforce.retrieves import Retrievals
from tests.doubles.salesforce.state import USER_ID, Records, Row
from tests.doubles.salesforce.transaction import GRANT, unknown_agents, unmet

ENDED = {"Succeeded", "SucceededPartial", "Failed", "Canceled", "FinalizingFailed"}
IS_ACTIVE = "Cannot update record as Agent is Active"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A script for one deployment. statuses: what each poll returns; the last repeats. failures: name to problem.

    coverage: of classes, the number of their lines and of those that no test reached.
    """

    statuses: Sequence[str] = ("Pending", "InProgress", "Succeeded")
    failures: dict[str, str] = field(default_factory=dict)
    coverage: dict[str, tuple[int, int]] = field(default_factory=dict)
    test_failures: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Job:
    """A deployment that was started."""

    id: str
    package: Package | None
    options: dict[str, Any]
    plan: Plan
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    polls: int = 0
    outcome: dict[str, Any] | None = None

    @property
    def status(self) -> str:
        """The status that the last poll returned."""
        if self.outcome:
            return str(self.outcome["status"])
        return self.plan.statuses[min(max(self.polls - 1, 0), len(self.plan.statuses) - 1)]


class Deployments:
    """The deployment state. deployed: for every component in the org, the digest of its files; contents: their bytes.

    published: the agents' versions that were published from a script. retrievals: what the org returns of it all.
    """

    def __init__(self, records: Records, flows: Flows) -> None:
        self.deployed: dict[Key, str] = {}
        self.published: Mapping[tuple[str, int], str] = {}
        self.contents: dict[Key, bytes] = {}
        self.jobs: dict[str, Job] = {}
        self.plans: list[Plan] = []
        self.retrievals = Retrievals(records, flows)
        self._records = records
        self._flows = flows

    def plan(self, **settings: Any) -> None:
        """Plan the next deployment that has no plan yet. settings: fields of Plan."""
        self.plans.append(Plan(**settings))

    def replan(self, **settings: Any) -> None:
        """How the deployments that were started go on; settings: fields of Plan."""
        for job in self.jobs.values():
            job.plan = Plan(**settings)

    def start(self, data: bytes, options: dict[str, Any]) -> Job:
        """Accept an upload. PackageError if it is not a valid package."""
        plan = self.plans.pop(0) if self.plans else Plan()
        job = Job(id=self._records.new_id("0Af"), package=open_package(data), options=options, plan=plan)
        self.jobs[job.id] = job
        return job

    def start_quick(self, validation: str) -> Job:
        """Accept a deployment of what a job validated. PackageError if it does not qualify (any more).

        Source of the conditions: Metadata API guide, `deployRecentValidation()`: validated within 10 days, and Apex
        tests passed. Salesforce Help, "Quick Deployments", as cited at salesforce.stackexchange.com/q/187859: after
        any deployment, no earlier validation qualifies.
        """
        job = self.jobs.get(validation)
        if job is None or not job.options.get("checkOnly") or job.status != "Succeeded":
            raise PackageError("no such validation")
        if not (job.outcome and job.outcome["details"]["runTestResult"]["numTestsRun"]):
            raise PackageError("the validation ran no tests")
        if datetime.now(UTC) - job.created_at > timedelta(days=10):
            raise PackageError("the validation expired")
        later = list(self.jobs.values())[list(self.jobs).index(validation) :]
        if any(each.status.startswith("Succeeded") and not each.options.get("checkOnly") for each in later):
            raise PackageError("something was deployed since")
        plan = self.plans.pop(0) if self.plans else Plan()
        options = {**job.options, "checkOnly": False, "testLevel": "NoTestRun", "validation": validation}
        quick = Job(id=self._records.new_id("0Af"), package=job.package, options=options, plan=plan)
        self.jobs[quick.id] = quick
        return quick

    def poll(self, job: Job) -> dict[str, Any]:
        """The deployment's current result. The poll that returns a final status also makes the changes."""
        job.polls += 1
        if job.outcome is None and job.status in ENDED:
            job.outcome = self._finish(job)
        return job.outcome or self._result(job, job.status)

    def read_templates(self, names: Sequence[str]) -> list[dict[str, str]]:
        """The prompt templates of these names, as readMetadata shows them; at most 10 in one call."""
        if len(names) > 10:
            raise PackageError("more than 10 components in one call")
        known = self._records.templates
        return [{"fullName": each, "activeVersionIdentifier": known[each]} if each in known else {} for each in names]

    def rows(self) -> Iterator[Row]:
        """Deployments as rows of DeployRequest, newest first."""
        for job in reversed(self.jobs.values()):
            yield {"Id": job.id, "Status": job.status, "CreatedById": USER_ID,
                   "CheckOnly": bool(job.options.get("checkOnly")),
                   "CreatedDate": job.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")}  # fmt: skip

    def _finish(self, job: Job) -> dict[str, Any]:
        package = job.package
        if package is None:
            raise PackageError("no package")
        failures = [_message(key, problem=problem) for key, problem in self._problems(job, package)]
        tests = [
            {"name": name, "methodName": "test", "message": problem}
            for name, problem in (job.plan.test_failures | self._unknown_tests(job, package)).items()
        ]
        if (failures or tests) and job.status == "Succeeded":
            partial = not job.options.get("rollbackOnError", True)
            status = "SucceededPartial" if partial else "Failed"
        else:
            status = job.status
        failed = {each["fullName"] for each in failures}
        if status == "Failed":
            successes = []
        elif job.options.get("checkOnly"):
            successes = [_message(key) for key in (*package.components, *package.destructive) if key[1] not in failed]
        else:
            successes = self._apply(package, failed)
        ran = max(len(tests), job.options.get("testLevel") not in (None, "NoTestRun"))
        coverage = [
            {"name": name, "type": "Class", "numLocations": lines, "numLocationsNotCovered": missed}
            for name, (lines, missed) in job.plan.coverage.items()
        ]
        test_result = {
            "numFailures": len(tests),
            "numTestsRun": int(ran),
            "failures": tests,
            "codeCoverage": coverage,
        }
        details = {"componentFailures": failures, "componentSuccesses": successes, "runTestResult": test_result}
        return self._result(job, status, details)

    def _problems(self, job: Job, package: Package) -> Iterator[tuple[Key, str]]:
        active = {f"{bot.name}_v{bot.active}" for bot in self._records.bots.values() if bot.active is not None}
        for key in package.components:
            if key[1] in job.plan.failures:
                yield key, job.plan.failures[key[1]]
            elif key[0] in ("GenAiPlannerBundle", "GenAiPlanner") and key[1] in active:
                yield key, IS_ACTIVE
        yield from self._refused_deletions(package)
        yield from unmet(package.files, self.deployed)
        yield from self._without_planner(package)
        yield from unknown_agents(package.files, {*self._records.bots, *package.agents})

    def _refused_deletions(self, package: Package) -> Iterator[tuple[Key, str]]:
        contents = self.contents | {key: package.content(key) for key in package.components}
        staying = {key: content for key, content in contents.items() if key not in package.destructive}
        # a flow keeps its earlier versions
        for flow in self._flows.definitions.values():
            if ("Flow", flow.name) not in package.destructive:
                earlier = b"".join(each.content for each in flow.versions)
                staying["Flow", flow.name] = staying.get(("Flow", flow.name), b"") + earlier
        published = {("Bot", name) for name, _ in self.published}
        published |= {("BotVersion", f"{name}.v{number}") for name, number in self.published}
        bots = self._records.bots.values()
        planners = {f"{bot.name}_v{version.number}" for bot in bots for version in bot.versions}
        for key in package.destructive:
            problem = refused(key, staying, published=published, planners=planners)
            if problem:
                yield key, problem

    def _without_planner(self, package: Package) -> Iterator[tuple[Key, str]]:
        """The versions whose planner is neither in the package nor in the org, which has that of a version it holds.

        Source: reports of this message when a version was deployed without its GenAiPlannerBundle
        (anabel.icu/blog/fixing-plannerid-missing-error-in).
        """
        known = {name for kind, name in (*package.components, *self.deployed) if kind.startswith("GenAiPlanner")}
        for (agent, number), planners in package.planners.items():
            bot = self._records.bots.get(agent)
            held = {version.number for version in bot.versions} if bot else set()
            if number not in held and not known.issuperset(planners):
                yield ("BotVersion", f"{agent}.v{number}"), "Required fields are missing: [PlannerId]"

    def _unknown_tests(self, job: Job, package: Package) -> dict[str, str]:
        """The words are not from a public source; that an org refuses is known from deployments that name none."""
        names = job.options.get("runTests") or ()
        known = {name for kind, name in (*package.components, *self.deployed) if kind == "ApexClass"}
        return {name: "no ApexClass of that name" for name in names if name not in known}

    def _apply(self, package: Package, failed: set[str]) -> list[dict[str, Any]]:
        done = []
        for key, digest in package.components.items():
            if key[1] not in failed:
                done.append(_message(key, created=key not in self.deployed, changed=self.deployed.get(key) != digest))
                self.deployed[key] = digest
                self.contents[key] = package.content(key)
        for key in package.destructive:
            known = self.deployed.pop(key, None) is not None
            self.contents.pop(key, None)
            self.retrievals.remove(key)
            done.append(_message(key, deleted=known, changed=known))
        self.retrievals.take(package, [key for key in package.components if key[1] not in failed])
        self._flows.deploy(package)
        self._activate_templates(package)
        for name, content in package.contents("PermissionSet").items():
            self._records.add_permission_set(name)
            self._records.grants[name] = tuple(each.decode() for each in GRANT.findall(content))
        for name, numbers in package.bots.items():
            bot = self._records.bots.get(name) or self._records.add_bot(name, versions=0)
            held = {version.number for version in bot.versions}
            for number in numbers:
                if number not in held:
                    self._records.add_version(name, number)
        return done

    def _activate_templates(self, package: Package) -> None:
        for name, content in package.contents("GenAiPromptTemplate").items():
            active = re.search(rb"<activeVersionIdentifier>([^<]+)<", content)
            if active and (self._records.activates_templates or name not in self._records.templates):
                self._records.templates[name] = active[1].decode()

    def _result(self, job: Job, status: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        details = details or {"componentFailures": [], "componentSuccesses": [], "runTestResult": {}}
        failed = len(details["componentFailures"])
        return {
            "id": job.id,
            "done": status in ENDED,
            "status": status,
            "success": status == "Succeeded",
            "checkOnly": bool(job.options.get("checkOnly")),
            "rollbackOnError": bool(job.options.get("rollbackOnError")),
            "numberComponentErrors": failed,
            "numberComponentsDeployed": len(details["componentSuccesses"]),
            "numberComponentsTotal": failed + len(details["componentSuccesses"]),
            "numberTestErrors": len(details["runTestResult"].get("failures", [])),
            "numberTestsCompleted": 0,
            "numberTestsTotal": 0,
            "details": details,
        }


def _message(
    key: Key, *, problem: str = "", changed: bool = False, created: bool = False, deleted: bool = False
) -> dict[str, Any]:
    return {
        "componentType": key[0],
        "fullName": key[1],
        "fileName": f"{key[0]}/{key[1]}",
        "success": not problem,
        "changed": changed,
        "created": created,
        "deleted": deleted,
        "problem": problem or None,
        "problemType": "Error" if problem else None,
        "lineNumber": 1 if problem else None,
        "columnNumber": 1 if problem else None,
    }


def options_of(text: str) -> dict[str, Any]:
    """The deploy options of a REST deployment."""
    options = json.loads(text)["deployOptions"]
    if not isinstance(options, dict):
        raise PackageError("deployOptions is not an object")
    return options
