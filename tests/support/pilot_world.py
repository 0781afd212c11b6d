"""An org where a pilot has a copy of the agent: 50 users have the live one, and 2 of them are the pilot's cohort."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.doubles.double import Served
from tests.doubles.github import GitHubDouble
from tests.doubles.github.rest.shapes import node_id
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import SOURCE, Done
from tests.support.promotion_world import PromotionWorld, files, script_files

from wavegate.ledger.pilot_access import ACCESS_TASK, AccessEntry, access_payload, parse_access

COPY = "Support_Agent_Pilot"
ACCESS, COPY_ACCESS = "Support_Agent_Access", "Support_Agent_Pilot_Access"
EVERYBODY = tuple(f"user{number:02}@acme.example" for number in range(50))
COHORT = EVERYBODY[:2]
PILOT = {"cohorts": ["tier2-support"], "step": 1, "steps": 3, "copies": {"Support_Agent": COPY},
         "permission_set": COPY_ACCESS}  # fmt: skip


def piloting(change: str, *users: str, rollout: str = "canary", cohort: str = "") -> dict[str, bytes]:
    """The files of a release that changes the agent's planner, for the cohort and further ones.

    cohort: how the first one is described.
    """
    found = files()
    planner = f"{SOURCE}/genAiPlannerBundles/Support_Agent_v3/Support_Agent_v3.genAiPlannerBundle"
    found[planner] = found[planner].replace(b"<masterLabel>S", f"<masterLabel>S {change}".encode())
    pilot = f", rollout: canary, pilotUsers: [{', '.join(('tier2-support', *users))}]" if rollout == "canary" else ""
    more = f"{pilot}}}\n".encode()
    manifest = found["agentforce/release.yml"].rstrip().removesuffix(b"}") + more
    if cohort:
        manifest = f"cohorts: {{tier2-support: {cohort}}}\n".encode() + manifest
    return {**found, "agentforce/release.yml": manifest}


def piloting_script(text: str, *, rollout: str = "canary") -> dict[str, bytes]:
    """The files of a release whose agent is an Agent Script for employees. text: what it says."""
    kind = b'config:\n    agent_type: "AgentforceEmployeeAgent"\n'
    found = script_files(text)
    path = next(each for each in found if each.endswith(".agent"))
    pilot = ", rollout: canary, pilotUsers: [tier2-support]" if rollout == "canary" else ""
    manifest = found["agentforce/release.yml"].rstrip().removesuffix(b"}") + f"{pilot}}}\n".encode()
    return {**found, path: found[path].replace(b"config:\n", kind), "agentforce/release.yml": manifest}


class PilotWorld(PromotionWorld):
    """wave-2 is live for everybody. wave-3 is checked out, and live in uat.

    What the org has of the live agent is remembered, to be compared with.
    """

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        records = self.org.records
        for name in EVERYBODY:
            records.add_user(name)
        for name in COHORT:
            records.add_user(name, "Tier2_Support")
        records.add_permission_set(ACCESS)
        records.grants[ACCESS] = ("Support_Agent",)
        records.assign(ACCESS, *EVERYBODY)
        self.describe_live("live: Support_Agent v2")
        live = (("Bot", "Support_Agent"), ("GenAiPlannerBundle", "Support_Agent_v2"))
        self.org.deployments.deployed |= dict.fromkeys((*live, ("GenAiPlannerBundle", "Support_Agent_v3")), "live")

    def describe_live(self, description: str) -> None:
        """What the ledger says of the newest deployment to production."""
        own = [each for each in self.github.deployments if each.environment == "production"]
        own[-1].statuses[-1].description = description

    def begin_pilot(self, *, taken: bool = False, content: str = "c" * 64, **more: Any) -> str:
        """The pilot of wave-3 as a deployment leaves it. taken: whether its cohort lost the live agent."""
        records = self.org.records
        records.add_bot(COPY, versions=3, active=3)
        records.add_permission_set(COPY_ACCESS)
        records.grants[COPY_ACCESS] = (COPY,)
        records.assign(COPY_ACCESS, *COHORT)
        if taken:
            users = tuple(sorted(records.users[each] for each in COHORT))
            entry = AccessEntry(change="taken", manifest="agentforce/release.yml", permission_set=ACCESS, users=users)
            payload = access_payload(entry)
            self.github.deploy("production", self.commit, payload=payload, task=ACCESS_TASK, statuses=("inactive",))
            kept = {row: pair for row, pair in records.assignments.items() if not self._is_live_of(pair, users)}
            records.assignments = kept
        self.record("production", self.commit, "wave-3", content=content, pilot=PILOT, org=ORG_ID, **more)
        self.describe_live(f"live: {COPY} v3")
        return node_id("Deployment", self.github.deployments[-1].id)

    def _is_live_of(self, pair: tuple[str, str], users: tuple[str, ...]) -> bool:
        return pair[0] in users and pair[1] == self.org.records.permission_sets[ACCESS]

    def live_state(self) -> object:
        """What the org has of the live agent: files, versions and which one is active."""
        deployed = {key: digest for key, digest in self.org.deployments.deployed.items() if "Pilot" not in key[1]}
        bot = self.org.records.bots["Support_Agent"]
        return deployed, [(each.id, each.number, each.active) for each in bot.versions]

    @property
    def copy(self) -> int | None:
        """The copy's active version."""
        return self.org.records.bots[COPY].active

    @property
    def with_live(self) -> set[str]:
        """Names of the users who may use the live agent."""
        return self.org.records.assigned(ACCESS)

    @property
    def with_copy(self) -> set[str]:
        """Names of the users who may use the copy."""
        return self.org.records.assigned(COPY_ACCESS)

    def descriptions(self, number: int = -1) -> list[str]:
        """What the statuses of a release's deployment to production say; number: -1 for the newest."""
        own = [
            each for each in self.github.deployments if (each.environment, each.task) == ("production", "wavegate")
        ]
        return [status.description for status in own[number].statuses]

    def deploy_killed(self, double: GitHubDouble | SalesforceDouble, k: int) -> None:
        """Deploy, and be killed right after the double has answered request k."""
        double.crash_at(k, when="after")
        double.client = self.desk.start("deploy", "production", "--decision", str(self.decision))
        assert self.desk.finish(double.client).code == -9
        double.client = None

    def access_entries(self) -> list[AccessEntry]:
        """The entries about access that was taken or given back, oldest first."""
        found = [each for each in self.github.deployments if each.task == ACCESS_TASK]
        entries = [parse_access(json.dumps(each.payload)) for each in found]
        assert None not in entries
        assert [[status.state for status in each.statuses] for each in found] == [["inactive"]] * len(found)
        return [each for each in entries if each]


def changing(served: Sequence[Served]) -> list[int]:
    """Numbers, from 1, of the requests that change something. A run that ends between two of them left the same.

    Those to GitHub's Git service are not counted.
    """
    requests = [each for each in served if ".git/" not in each.path]
    return [
        number
        for number, each in enumerate(requests, 1)
        if each.method != "GET" and ("graphql" not in each.path or "#Create" in each.path)
    ]


def ship(world: PilotWorld, files: Mapping[str, bytes], name: str = "wave-3") -> Done:
    """Commit a release that passed in uat, and deploy it to production."""
    world.release(files, name)
    world.gate()
    return world.deploy()
