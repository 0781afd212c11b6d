"""A random story of people and releases, told to wavegate and to a model of what it must do about them.

The model knows only what people did, in the words of the documentation: who stopped, locked, rolled back, overrode.
It computes by itself whether a promotion must go through, and which version each org must run afterwards.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.support.killed import Kill
from tests.support.model_freeze import Window, random_window
from tests.support.model_world import AGENT, ENVIRONMENTS, FIRST, ModelWorld, Ran, release_files

PEOPLE = ("ada", "bo", "chi")
VERSIONS = range(1, 7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """What a commit releases."""

    version: int
    resume: bool = False
    freezes: tuple[Window, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """A stop. version: the one that it left live; None for none. live: the release that was live.

    before: the versions that were live until then. target: the release whose version the stop activated.
    """

    version: int | None
    live: Pushed
    before: frozenset[int]
    target: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """A promotion that somebody started. actor: who started this attempt. number: of its workflow run, 0 for none."""

    environment: str
    commit: str
    actor: str
    by_hand: bool
    override: bool = False
    fast_lane: bool = False
    number: int = 0


@dataclass(kw_only=True, slots=True)
class Model:
    """What an environment must look like.

    on: what its org must run. rollback: version and pull request, if open. target: the version that the rollback
    restores. ended: the run that ended the last rollback, and its target. newest: the run whose deployment is the
    newest, and whether it began in the fast lane, which its re-runs keep. withdrawn: version, pull request and target
    of the newest rollback, if it was withdrawn by closing its pull request, which may be reopened.
    """

    live: Pushed
    on: int | None
    good: list[int] = field(default_factory=list)
    stop: Stopped | None = None
    banned: set[int] = field(default_factory=set)
    locked: bool = False
    rollback: tuple[int, int] | None = None
    target: int | None = None
    ended: tuple[int, int] | None = None
    newest: tuple[int, bool] = (0, False)
    withdrawn: tuple[int, int, int] | None = None

    def target_in(self, run: int) -> int | None:
        """What the open rollback restores, or the one that this run has ended; None for neither."""
        if self.rollback:
            return self.target
        return self.ended[1] if self.ended and self.ended[0] == run else None

    @property
    def last_good(self) -> int | None:
        """The version that a rollback of the live one restores; None for none."""
        others = [each for each in self.good if each != self.live.version and each not in self.banned]
        return others[-1] if others else None

    def has_restored(self, version: int) -> bool:
        """Whether the open stop left the agent at this very version, of a release that is known to be good."""
        stop = self.stop
        if stop is None or stop.version != version:
            return False
        is_good = version in stop.before and version not in self.banned and version != stop.live.version
        return is_good or version == stop.target


class Story:
    """One story. seed: decides it. kills: whether commands are killed at random requests and run again.

    quick: as in ModelWorld.
    """

    def __init__(self, folder: Path, seed: int, *, kills: bool, quick: bool = True) -> None:
        self.world = ModelWorld(folder, quick=quick)
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.kills = Random(seed) if kills else None  # noqa: S311
        first = Pushed(version=FIRST)
        self.pushed = {self.world.head: first}
        self.models = {name: Model(live=first, on=FIRST, good=[FIRST]) for name in ENVIRONMENTS}
        self.windows: dict[str, Window] = {}
        """By their entry in the manifest."""
        self.promotions: list[Promotion] = []
        self.said: list[str] = []

    def tell(self, steps: int) -> None:
        """Tell so many steps, and check the world after each of them."""
        try:
            # so that there is something to roll back from the start
            self.push()
            self.release()
            for _ in range(steps):
                self.random.choices(list(_STEPS), list(_STEPS.values()))[0](self)
                self.check()
            for name in ENVIRONMENTS:
                self._status(name)
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
        live = self.pushed[self.world.head]
        version = self.random.choice([live.version, *VERSIONS])
        self._push(version, resume=self.random.random() < 0.3)

    def _push(self, version: int, *, resume: bool) -> None:
        freezes = self.pushed[self.world.head].freezes
        if self.random.random() < 0.3:
            now, count = self.world.clock.moment, self.random.choice((0, 1, 1, 2))
            windows = (
                random_window(self.random, now, environments=ENVIRONMENTS, people=PEOPLE) for _ in range(count)
            )
            freezes = tuple(windows)
            self.windows |= {each.entry: each for each in freezes}
        note = str(len(self.pushed))
        files = release_files(version, resume=resume, freezes=[each.entry for each in freezes], note=note)
        commit = self.world.push(files)
        self.pushed[commit] = Pushed(version=version, resume=resume, freezes=freezes)
        self.said.append(f"push {self._words(commit)}")

    def fix_forward(self) -> None:
        """A person pushes another version, says that it may turn on what was stopped, and releases it."""
        live = self.pushed[self.world.head].version
        self._push(self.random.choice([each for each in VERSIONS if each != live]), resume=True)
        self.release()

    def wait(self) -> None:
        """Time goes by."""
        hours = self.random.choice((1, 3, 8, 24, 60))
        self.world.clock.advance(timedelta(hours=hours))
        self.said.append(f"{hours} hours later")

    def release(self) -> None:
        """A workflow run promotes the head of main through all environments, as far as it gets."""
        promotion = Promotion(
            environment=ENVIRONMENTS[0],
            commit=self.world.head,
            actor=self._person(),
            by_hand=self.random.random() < 0.3,
        )
        for name in ENVIRONMENTS:
            number, is_live = self._promote(replace(promotion, environment=name))
            promotion = replace(promotion, number=number)
            if not is_live:
                return

    def promote(self) -> None:
        """A workflow run promotes one commit to one environment, perhaps an old one whose approval came late."""
        commit = self.world.head if self.random.random() < 0.5 else self.random.choice(list(self.pushed))
        override, fast_lane = self.random.random() < 0.25, self.random.random() < 0.15
        self._promote(
            Promotion(
                environment=self.random.choice(ENVIRONMENTS),
                commit=commit,
                actor=self._person(),
                # without the form, neither counts
                by_hand=self.random.random() < (0.8 if override or fast_lane else 0.3),
                override=override,
                fast_lane=fast_lane,
            )
        )

    def rerun(self) -> None:
        """A person runs an earlier promotion again: the same commit, with what its form said."""
        self._promote(replace(self.random.choice(self.promotions), actor=self._person()))

    def admit(self) -> None:
        """A promotion that is not started yet asks whether it would be admitted."""
        promotion = Promotion(
            environment=self.random.choice(ENVIRONMENTS),
            commit=self.random.choice([self.world.head, *self.pushed]),
            actor=self._person(),
            by_hand=True,
            override=self.random.random() < 0.25,
            fast_lane=self.random.random() < 0.15,
        )
        self._ask("admit", promotion)

    def _promote(self, promotion: Promotion) -> tuple[int, bool]:
        """The run, and whether the release went live."""
        number, refused, is_fast = self._ask("deploy", promotion)
        self.promotions.append(replace(promotion, number=number))
        if not refused:
            what, model = self.pushed[promotion.commit], self.models[promotion.environment]
            self._went_live(model, what, fast_lane=is_fast, number=number)
            if model.newest[0] != number:
                model.newest = (number, is_fast)
        return number, not refused

    def _ask(self, command: str, promotion: Promotion) -> tuple[int, list[str], bool]:
        """Run a command that promotes, or asks about it. Returns its run, the rules against it, and if it is fast."""
        name, is_fast = promotion.environment, self._is_fast(promotion)
        refused = self._refused(promotion, fast_lane=is_fast)
        ran = self._run(
            name,
            command,
            *(("--override", "It must go out.") if promotion.override else ()),
            *(("--fast-lane",) if promotion.fast_lane else ()),
            actor=promotion.actor,
            commit=promotion.commit,
            event="workflow_dispatch" if promotion.by_hand else "push",
            again=promotion.number,
        )
        self.said.append(
            f"  of {self._words(promotion.commit)}, by hand {promotion.by_hand}, fast lane {is_fast}, "
            f"must be refused: {refused or 'no'}"
        )
        assert (ran.code == 0) == (not refused), ran.log
        for rule in refused:
            assert rule in ran.log, f"{rule} is not named:\n{ran.log}"
        return ran.number, refused, is_fast

    def _words(self, commit: str) -> str:
        what = self.pushed[commit]
        resume, frozen = ", resume" if what.resume else "", "".join(f", {each.entry}" for each in what.freezes)
        return f"commit {list(self.pushed).index(commit)}: v{what.version}{resume}{frozen}"

    def _person(self) -> str:
        return self.random.choice(PEOPLE)

    def _is_fast(self, promotion: Promotion) -> bool:
        what, model = self.pushed[promotion.commit], self.models[promotion.environment]
        is_asked = promotion.by_hand and promotion.fast_lane
        is_granted = promotion.number != 0 and model.newest == (promotion.number, True)
        is_open = any(each.rollback for each in self.models.values())
        is_good = what.version in model.good and what.version not in model.banned
        return is_good and (is_asked or is_granted or is_open)

    def _refused(self, promotion: Promotion, *, fast_lane: bool) -> list[str]:
        """The rules by which a promotion must be refused."""
        name, what = promotion.environment, self.pushed[promotion.commit]
        model, before = self.models[name], self.models["uat"] if name == "production" else None
        final: list[str] = []
        others: list[str] = []
        if model.stop and not fast_lane and not model.has_restored(what.version):
            is_fix = what.resume and what.version not in model.stop.before and not model.stop.live.resume
            final += [] if is_fix else ["promotion/stopped"]
        targets = [each.target_in(promotion.number) for each in self.models.values()]
        # on its way to the environment that is rolled back, and not beyond
        restores = what.version in targets[ENVIRONMENTS.index(name) :]
        if model.locked and not restores:
            final.append("promotion/locked")
        windows = self._windows(what, name, self.world.next_run)
        if windows and not restores and not (fast_lane and any(each is not None for each in targets)):
            may_pass = all(not each.passes or promotion.actor in each.passes for each in windows)
            (others if may_pass else final).append("promotion/frozen")
        is_back = fast_lane and model.target_in(promotion.number) == what.version
        if what.version in model.banned or (before and what.version in before.banned and not is_back):
            others.append("promotion/rolled-back")
        elif before and not fast_lane and what.version not in before.good:
            others.append("promotion/order")
        return final + ([] if promotion.by_hand and promotion.override else others)

    def _windows(self, what: Pushed, environment: str, moment: datetime) -> list[Window]:
        """The windows of a release that cover a moment."""
        return [each for each in what.freezes if each.covers(environment, moment)]

    def _went_live(self, model: Model, what: Pushed, *, fast_lane: bool, number: int) -> None:
        if not (model.stop and fast_lane) or model.has_restored(what.version):
            model.stop, model.on = None, what.version
        if what.version in model.banned:
            # only an override gets here
            model.banned.discard(what.version)
            model.withdrawn = None
        model.live = what
        model.good.append(what.version)
        if model.rollback and model.target is not None:
            model.ended = (number, model.target) if model.rollback[0] != what.version else model.ended
        model.rollback = model.target = None

    def stop(self) -> None:
        """The on-call engineer pulls the kill switch, which may activate another version."""
        how = self.random.choice([(), (), ("--to-release", "last-good"), to_version(self.random)])
        self._stop(self.random.choice(ENVIRONMENTS), *how)

    def _stop(self, name: str, *how: str) -> None:
        model = self.models[name]
        ran, good = self._run(name, "disable", *how, "--reason", "It tells lies."), model.last_good
        if "--to-release" in how and good is None:
            assert ran.code != 0, ran.log
            return
        assert ran.code == 0, ran.log
        model.on = good if "--to-release" in how else int(how[-1]) if how else None
        if model.stop is None or model.stop.version != model.on:
            target = good if good == model.on else None
            model.stop = Stopped(version=model.on, live=model.live, before=frozenset(model.good), target=target)

    def enable(self) -> None:
        """A person turns the agents on again."""
        how = self.random.choice([(), (), (), to_version(self.random)])
        self._enable(self.random.choice(ENVIRONMENTS), *how)

    def _enable(self, name: str, *how: str) -> None:
        model = self.models[name]
        ran = self._run(name, "enable", *how, "--reason", "It was the network.")
        if model.stop is None:
            return
        if model.live.version in model.banned and not how:
            assert ran.code != 0, ran.log
        else:
            assert ran.code == 0, ran.log
            model.stop, model.on = None, int(how[-1]) if how else model.live.version

    def roll_back(self) -> None:
        """The on-call engineer rolls back what is live, as long as main still has it."""
        self._roll_back(self.random.choice(ENVIRONMENTS))

    def _roll_back(self, name: str) -> None:
        model = self.models[name]
        if self.pushed[self.world.head] != model.live:
            return
        ran = self._run(name, "rollback", "--reason", "It tells lies.")
        good = model.last_good
        assert (ran.code == 0) == (good is not None), ran.log
        if good is None:
            return
        own = f"wavegate/rollback/{name}/"
        (pull,) = (each for each in self.world.github.pulls if each.state == "open" and each.head.startswith(own))
        model.banned.add(model.live.version)
        target = self._read(f"refs/heads/{pull.head}").version
        assert target == good, f"{target} is restored, not {good}"
        model.rollback, model.target, model.ended = (model.live.version, pull.number), target, None
        model.withdrawn = None

    def _read(self, commit: str) -> Pushed:
        """What a commit releases whose manifest nobody wrote: a rollback restores the one of its target."""
        manifest = self.world.manifest(commit)
        return Pushed(
            version=int(manifest.split("release: wave-")[1].split()[0]),
            resume="resume: true" in manifest,
            freezes=tuple(window for entry, window in self.windows.items() if entry in manifest),
        )

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
                    self.pushed[commit] = self._read(commit)
                    self.said.append(f"merge the rollback of {name}: {self._words(commit)}")
                return

    def withdraw(self) -> None:
        """A person decides that what was rolled back is good after all, by the command or by closing the request."""
        for name, model in self.models.items():
            if model.rollback and not self.world.is_merged(model.rollback[1]):
                self._withdraw(name, by_closing=self.random.random() < 0.5)
                return

    def _withdraw(self, name: str, *, by_closing: bool) -> None:
        model = self.models[name]
        assert model.rollback
        version, number = model.rollback
        if by_closing:
            self.world.close_pull(number, login=self.random.choice(PEOPLE))
            self.said.append(f"close the rollback of {name}")
        else:
            assert self._run(name, "rollback", "--withdraw", "--reason", "It is good.").code == 0
        model.banned.discard(version)
        model.withdrawn = (version, number, model.target or 0)
        model.rollback = model.target = None

    def reopen(self) -> None:
        """A person reopens the pull request of a withdrawn rollback: it is open again."""
        any(self._reopen(name) for name in ENVIRONMENTS)

    def _reopen(self, name: str) -> bool:
        """Whether there was one."""
        model = self.models[name]
        if model.withdrawn is None or not self.world.reopen(model.withdrawn[1]):
            return False
        version, number, target = model.withdrawn
        model.banned.add(version)
        model.rollback, model.target, model.withdrawn = (version, number), target, None
        self.said.append(f"reopen the rollback of {name}")
        return True

    def lock(self) -> None:
        """A person locks an environment, or unlocks it."""
        name = self.random.choice(ENVIRONMENTS)
        self._lock(name, locked=not (self.models[name].locked and self.random.random() < 0.7))

    def _lock(self, name: str, *, locked: bool = True) -> None:
        assert self._run(name, "lock" if locked else "unlock", "--reason", "Data load.").code == 0
        self.models[name].locked = locked

    def status(self) -> None:
        """A person asks for the status."""
        self._status(self.random.choice(ENVIRONMENTS))

    def _status(self, name: str) -> None:
        """What the status says is what the org runs, and what people decided."""
        ran = self._run(name, "status", "--environment", name, "--format", "json", without_environment=True)
        assert ran.code == 0, ran.log
        (found,) = json.loads(ran.log[ran.log.index("{") :])["environments"]
        model = self.models[name]
        assert found["live"]["release"] == f"wave-{model.live.version}"
        assert bool(found["holds"]["stops"]) == (model.stop is not None), found
        assert bool(found["holds"]["lock"]) == model.locked, found
        rollback = found["holds"]["rollback"]
        # whose pull request was closed is withdrawn, which the next promotion records
        is_open = rollback is not None and rollback["pullRequest"] != "closed"
        assert is_open == (model.rollback is not None), found
        windows = self._windows(self.pushed[self.world.head], name, self.world.clock.moment)
        assert bool(found["holds"]["freeze"]) == bool(windows), found
        assert (found["agents"], found["drift"]) == ({AGENT: model.on}, []), found

    def _run(
        self,
        name: str,
        *arguments: str,
        actor: str = "",
        commit: str = "",
        event: str = "workflow_dispatch",
        without_environment: bool = False,
        again: int = 0,
    ) -> Ran:
        actor, kills = actor or self._person(), self._kills()
        ran = self.world.run(
            name,
            *arguments,
            actor=actor,
            commit=commit,
            event=event,
            kills=kills,
            named=not without_environment,
            again=again,
        )
        killed = "".join(f", killed {each.when} request {each.request}" for each in kills)
        words = f"{actor}: {' '.join(arguments)} in {name}{f', run {again} again' if again else ''}{killed}"
        self.said.append(f"{self.world.clock.moment:%a %d %H:%M} {words}: {ran.code}")
        return ran

    def _kills(self) -> list[Kill]:
        """Where the next command is killed, and perhaps its second attempt as well."""
        random = self.kills
        if random is None or random.random() < 0.6:
            return []
        count = random.choice((1, 1, 1, 2))
        return [Kill(request=random.randrange(1, 22), when=random.choice(("before", "after"))) for _ in range(count)]


def to_version(random: Random) -> tuple[str, ...]:
    """The options that name a version."""
    return ("--agent", AGENT, "--to-version", str(random.choice(VERSIONS)))


_STEPS: dict[Callable[[Story], None], int] = {
    Story.push: 5,
    Story.wait: 4,
    Story.release: 6,
    Story.promote: 7,
    Story.fix_forward: 3,
    Story.rerun: 4,
    Story.admit: 2,
    Story.stop: 3,
    Story.enable: 2,
    Story.roll_back: 9,
    Story.merge: 8,
    Story.withdraw: 6,
    Story.reopen: 5,
    Story.lock: 2,
    Story.status: 1,
}
"""What may happen, and how often."""
