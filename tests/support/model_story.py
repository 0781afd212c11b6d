"""A random story of people and releases, told to wavegate and to a model of what it must do about them.

The model knows only what people did, in the words of the documentation: who stopped, locked, rolled back, overrode.
It computes by itself whether a promotion must go through, and which version each org must run afterwards.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.support.model_world import AGENT, ENVIRONMENTS, FIRST, Kill, ModelWorld, Ran, release_files

PEOPLE = ("ada", "bo", "chi")
VERSIONS = range(1, 7)
_FROZEN = 'freeze: [{from: "2020-01-01", to: "2099-12-31", timeZone: Europe/Berlin, reason: "year end"}]'


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """What a commit releases."""

    version: int
    resume: bool = False
    frozen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """A stop. resume: whether the live release had said so. before: the versions that were live until then."""

    resume: bool
    before: frozenset[int]


@dataclass(kw_only=True, slots=True)
class Model:
    """What an environment must look like.

    on: what its org must run. rollback: version and pull request, if open.
    """

    live: Pushed
    on: int | None
    good: list[int] = field(default_factory=list)
    stop: Stopped | None = None
    banned: set[int] = field(default_factory=set)
    locked: bool = False
    rollback: tuple[int, int] | None = None
    target: int | None = None


class Story:
    """One story. seed: decides it. kills: whether commands are killed at random requests and run again."""

    def __init__(self, folder: Path, seed: int, *, kills: bool) -> None:
        self.world = ModelWorld(folder)
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.kills = Random(seed) if kills else None  # noqa: S311
        first = Pushed(version=FIRST)
        self.pushed = {self.world.head: first}
        self.models = {name: Model(live=first, on=FIRST, good=[FIRST]) for name in ENVIRONMENTS}
        self.said: list[str] = []
        # so that there is something to roll back from the start
        self.push()
        self.release()

    def tell(self, steps: int) -> None:
        """Tell so many steps, and check the world after each of them."""
        try:
            for _ in range(steps):
                self.random.choices(list(_STEPS), list(_STEPS.values()))[0](self)
                self.check()
        except AssertionError as error:
            raise AssertionError("\n".join([*self.said[-40:], str(error)])) from error

    def check(self) -> None:
        """What must be true at any time."""
        for name, model in self.models.items():
            assert self.world.active(name) == model.on, f"{name} must run {model.on}: {model}"
            pulls = [each for each in self.world.github.pulls if each.head.startswith(f"wavegate/rollback/{name}/")]
            assert sum(each.state == "open" for each in pulls) <= 1, f"two open rollbacks of {name}"

    def push(self) -> None:
        """A person merges to main: another version, or the same one under another commit."""
        version = self.random.choice([self.pushed[self.world.head].version, *VERSIONS])
        what = Pushed(version=version, resume=self.random.random() < 0.3, frozen=self.random.random() < 0.05)
        note = str(len(self.pushed))
        files = release_files(version, resume=what.resume, freeze=_FROZEN if what.frozen else "", note=note)
        self.pushed[self.world.push(files)] = what
        self.said.append(f"push {what}")

    def release(self) -> None:
        """A workflow run promotes the head of main through all environments, as far as it gets."""
        for name in ENVIRONMENTS:
            if not self._promote(name, self.world.head):
                return

    def promote(self) -> None:
        """A workflow run promotes one commit to one environment, perhaps an old one whose approval came late."""
        commit = self.world.head if self.random.random() < 0.5 else self.random.choice(list(self.pushed))
        self._promote(
            self.random.choice(ENVIRONMENTS),
            commit,
            override=self.random.random() < 0.25,
            fast_lane=self.random.random() < 0.15,
        )

    def _promote(self, name: str, commit: str, *, override: bool = False, fast_lane: bool = False) -> bool:
        by_hand = override or fast_lane or self.random.random() < 0.3
        what, model = self.pushed[commit], self.models[name]
        is_fast = self._is_fast(name, what, asked=fast_lane)
        refused = self._refused(name, what, fast_lane=is_fast, override=override)
        ran = self._run(
            name,
            "deploy",
            *(("--override", "It must go out.") if override else ()),
            *(("--fast-lane",) if fast_lane else ()),
            commit=commit,
            event="workflow_dispatch" if by_hand else "push",
        )
        self.said.append(f"  of {what}, fast lane {is_fast}, must be refused: {refused or 'no'}")
        assert (ran.code == 0) == (not refused), ran.log
        for rule in refused:
            assert rule in ran.log, f"{rule} is not named:\n{ran.log}"
        if not refused:
            self._went_live(model, what, fast_lane=is_fast)
        return not refused

    def _is_fast(self, name: str, what: Pushed, *, asked: bool) -> bool:
        model = self.models[name]
        return (asked or self._is_open) and what.version in model.good and what.version not in model.banned

    @property
    def _is_open(self) -> bool:
        """Whether any rollback is open."""
        return any(each.rollback for each in self.models.values())

    def _refused(self, name: str, what: Pushed, *, fast_lane: bool, override: bool) -> list[str]:
        """The rules by which a promotion must be refused."""
        model, before = self.models[name], self.models["uat"] if name == "production" else None
        final, others = [], []
        if model.stop and not fast_lane:
            is_fix = what.resume and what.version not in model.stop.before and not model.stop.resume
            final += [] if is_fix else ["promotion/stopped"]
        restores = any(each.rollback and each.target == what.version for each in self.models.values())
        if model.locked and not restores:
            final.append("promotion/locked")
        if what.frozen and not (restores or (fast_lane and self._is_open)):
            others.append("promotion/frozen")
        if what.version in model.banned or (before and what.version in before.banned):
            others.append("promotion/rolled-back")
        elif before and not fast_lane and what.version not in before.good:
            others.append("promotion/order")
        return final + ([] if override else others)

    def _went_live(self, model: Model, what: Pushed, *, fast_lane: bool) -> None:
        if model.stop and fast_lane:
            pass
        else:
            model.stop, model.on = None, what.version
        if what.version in model.banned:
            # only an override gets here
            model.banned.discard(what.version)
        model.live = what
        model.good.append(what.version)
        model.rollback = model.target = None

    def stop(self) -> None:
        """The on-call engineer pulls the kill switch."""
        name = self.random.choice(ENVIRONMENTS)
        model = self.models[name]
        assert self._run(name, "disable", "--reason", "It tells lies.").code == 0
        if model.stop is None:
            model.stop = Stopped(resume=model.live.resume, before=frozenset(model.good))
        model.on = None

    def enable(self) -> None:
        """A person turns the agents on again."""
        name = self.random.choice(ENVIRONMENTS)
        model = self.models[name]
        ran = self._run(name, "enable", "--reason", "It was the network.")
        if model.stop is None:
            return
        if model.live.version in model.banned:
            assert ran.code != 0, ran.log
        else:
            assert ran.code == 0, ran.log
            model.stop, model.on = None, model.live.version

    def roll_back(self) -> None:
        """The on-call engineer rolls back what is live, as long as main still has it."""
        name = self.random.choice(ENVIRONMENTS)
        model = self.models[name]
        if self.pushed[self.world.head] != model.live:
            return
        ran = self._run(name, "rollback", "--reason", "It tells lies.")
        others = [each for each in model.good if each != model.live.version and each not in model.banned]
        assert (ran.code == 0) == bool(others), ran.log
        if not others:
            return
        own = f"wavegate/rollback/{name}/"
        (pull,) = (each for each in self.world.github.pulls if each.state == "open" and each.head.startswith(own))
        model.banned.add(model.live.version)
        target = self._version_of(pull.head)
        assert target == others[-1], f"{target} is restored, not {others[-1]}"
        model.rollback, model.target = (model.live.version, pull.number), target

    def _version_of(self, branch: str) -> int:
        found = self.world.github.state.git.read(f"refs/heads/{branch}:agentforce/release.yml")
        assert found, f"{branch} has no manifest"
        return int(found[2].split(b"release: wave-")[1].split()[0])

    @property
    def outcome(self) -> object:
        """All that the story left behind, without times and ids: the orgs, the ledger, and the pull requests."""
        github = self.world.github
        acts = [
            (
                each.environment,
                each.payload["kind"],
                each.payload.get("reason"),
                each.payload.get("actor"),
                each.state,
            )
            for each in github.deployments
            if each.task == "wavegate:act"
        ]
        releases = [
            (each.environment, self.pushed[each.sha].version, each.state)
            for each in github.deployments
            if each.task == "wavegate"
        ]
        pulls = [
            (each.head.rpartition("/")[0], each.title, each.state, bool(each.merged_at)) for each in github.pulls
        ]
        return {name: self.world.active(name) for name in ENVIRONMENTS}, acts, releases, pulls

    def merge(self) -> None:
        """A person merges an open rollback."""
        for name, model in self.models.items():
            if model.rollback and model.target is not None:
                if commit := self.world.merge(model.rollback[1]):
                    self.pushed[commit] = Pushed(version=model.target)
                    self.said.append(f"merge the rollback of {name}")
                return

    def withdraw(self) -> None:
        """A person decides that what was rolled back is good after all, by the command or by closing the request."""
        for name, model in self.models.items():
            if model.rollback:
                version, number = model.rollback
                if self.world.is_merged(number):
                    continue
                # within one second, GitHub's statuses have no order
                time.sleep(1)
                if self.random.random() < 0.5:
                    self.world.github.close(number, login=self.random.choice(PEOPLE))
                    self.said.append(f"close the rollback of {name}")
                else:
                    assert self._run(name, "rollback", "--withdraw", "--reason", "It is good.").code == 0
                model.banned.discard(version)
                model.rollback = model.target = None
                return

    def lock(self) -> None:
        """A person locks an environment, or unlocks it."""
        name = self.random.choice(ENVIRONMENTS)
        model = self.models[name]
        command = "unlock" if model.locked and self.random.random() < 0.7 else "lock"
        assert self._run(name, command, "--reason", "Data load.").code == 0
        model.locked = command == "lock"

    def status(self) -> None:
        """What the status says is what the org runs."""
        name = self.random.choice(ENVIRONMENTS)
        ran = self._run(name, "status", "--environment", name, "--format", "json", without_environment=True)
        assert ran.code == 0, ran.log
        (found,) = json.loads(ran.log[ran.log.index("{") :])["environments"]
        model = self.models[name]
        assert found["live"]["release"] == f"wave-{model.live.version}"
        assert bool(found["holds"]["stops"]) == (model.stop is not None), found
        assert bool(found["holds"]["lock"]) == model.locked, found
        assert bool(found["holds"]["rollback"]) == (model.rollback is not None), found
        assert (found["agents"], found["drift"]) == ({AGENT: model.on}, []), found

    def _run(
        self,
        name: str,
        *arguments: str,
        commit: str = "",
        event: str = "workflow_dispatch",
        without_environment: bool = False,
    ) -> Ran:
        kill = None
        if self.kills and self.kills.random() < 0.4:
            kill = Kill(request=self.kills.randrange(1, 14), when=self.kills.choice(("before", "after")))
        actor = self.random.choice(PEOPLE)
        ran = self.world.run(
            name,
            *arguments,
            actor=actor,
            commit=commit,
            event=event,
            kill=kill,
            named=not without_environment,
        )
        self.said.append(
            f"{actor}: {' '.join(arguments)} in {name}{f', killed at {kill}' if ran.killed else ''}: {ran.code}"
        )
        return ran


_STEPS: dict[Callable[[Story], None], int] = {
    Story.push: 7,
    Story.release: 8,
    Story.promote: 6,
    Story.stop: 3,
    Story.enable: 2,
    Story.roll_back: 7,
    Story.merge: 5,
    Story.withdraw: 2,
    Story.lock: 2,
    Story.status: 1,
}
"""What may happen, and how often."""
