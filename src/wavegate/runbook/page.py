"""The runbook's page: how to see, stop and roll back, whose failure it is, whom to call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from shlex import quote
from urllib.parse import quote as percent_encoded

from wavegate.components.scope import ReleaseScope
from wavegate.release.freeze import DatedWindow, Freeze
from wavegate.release.manifest import Detail, Environment, Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.readiness.procedures import listed_kinds, missing_procedures
from wavegate.runbook.triage import LAYERS, layer_files
from wavegate.text import code, markdown, pluralize

_MAX_FILES = 40
_STRATEGIES = {
    RollbackStrategy.RESTORE: "the rollback pull request restores it from git",
    RollbackStrategy.ACTIVATE_PREVIOUS: "the rollback restores it, and its promotion activates the previous version",
    RollbackStrategy.DISABLE: "it is disabled with `wavegate disable`",
    RollbackStrategy.MANUAL: "**manually**, as its runbook says",
}
_NOT_IN_GIT = (
    "records that the agent created, changed or deleted",
    "secrets of named and external credentials",
    "permission set assignments that somebody made in the org",
    "what a data library or retriever has indexed",
)


def runbook_page(
    manifest: Manifest, scopes: Mapping[str, ReleaseScope], *, path: str, workflows: Iterable[str]
) -> str:
    """The page's text. scopes: what the release ships, by environment; empty without a Salesforce project.

    path: of the runbook in the checkout, to which its links are relative. workflows: names of the repository's
    workflow files; a form that is not among them is not linked.
    """
    writer = _RunbookWriter(manifest, scopes, path, frozenset(workflows))
    return "\n".join(writer.lines()).rstrip() + "\n"


class _RunbookWriter:
    def __init__(
        self, manifest: Manifest, scopes: Mapping[str, ReleaseScope], path: str, workflows: frozenset[str]
    ) -> None:
        self.manifest = manifest
        self.scopes = scopes
        self.up = "../" * len(PurePosixPath(path).parent.parts)
        self.workflows = workflows
        self.production = manifest.environments[-1].name

    def lines(self) -> Iterator[str]:
        yield from (f"# On call for {markdown(self.manifest.release, 100)}", "")
        yield from self.first_minutes()
        yield from self.call()
        yield from self.see()
        yield from self.stop()
        yield from self.roll_back()
        yield from self.triage()
        yield from self.high_impact()
        yield from self.environments()

    def first_minutes(self) -> Iterator[str]:
        yield from ("## The first minutes", "")
        yield "1. **Is it doing harm right now?** [Stop it](#stop). That takes a minute and no review."
        yield (
            f"2. **Did it start with a release?** {code('wavegate status')} says what is live since when. If so, "
            "[roll back](#roll-back): the bad release stays live until that is merged and promoted, so stop first."
        )
        yield (
            "3. **Otherwise** find the [layer](#whose-failure-is-it) by what people notice, and "
            "[call](#whom-to-call) whoever owns it. Nobody answers: stop it, and wait for the morning."
        )
        yield ""

    def call(self) -> Iterator[str]:
        owners = self.manifest.owners
        yield from ("## Whom to call", "", "| For | Who |", "|---|---|")
        for what, who in (
            ("the release", owners.release),
            ("dashboards", owners.dashboards),
            ("escalations", owners.escalations),
            ("stopping it", owners.kill_switch),
        ):
            yield f"| {what} | {_people(who)} |"
        for detail in self.manifest.details:
            if detail.owner:
                yield f"| {_singular(detail.kind)} {code(detail.name)} | {_people((detail.owner,))} |"
        for procedure in self.manifest.rollback:
            if procedure.owner:
                yield f"| rolling back {procedure.kind} | {_people((procedure.owner,))} |"
        for role in self.manifest.roles:
            owned = f": {', '.join(markdown(each, 60) for each in role.owns)}" if role.owns else ""
            yield f"| {markdown(role.name, 60)}{owned} | {_people(role.owners)} |"
        yield from ("", *self._support(), "")

    def _support(self) -> Iterator[str]:
        support = self.manifest.support
        if support.runbook:
            trained = f" Trained: {markdown(support.trained, 300)}." if support.trained else ""
            yield f"What support tells customers: {self._file(support.runbook)}.{trained}"

    def see(self) -> Iterator[str]:
        yield from ("## See", "")
        yield f"- What is live, since when, by whose approval, and what holds it: {code('wavegate status')}"
        yield f"- Everything that was released, stopped or rolled back: {code('wavegate status --history')}"
        yield f"- What the agent may do, in plain language: {code('wavegate guardrails explain AGENT')}"
        yield from self._form("wavegate-report.yml", "- All of it on one page: the newest run of ")
        yield from self._form("wavegate-canary.yml", "- How the pilot is doing: the newest run of ")
        yield ""

    def stop(self) -> Iterator[str]:
        listed = [each.name for each in self.manifest.agents]
        agents = listed or sorted({name for scope in self.scopes.values() for name in scope.agents})
        named = f" Agents: {', '.join(code(each) for each in agents)}." if agents else ""
        # without --agent, the kill switch stops the agents that the manifest lists, and refuses if it lists none
        one = "" if listed else f" --agent {quote(agents[0]) if len(agents) == 1 else 'AGENT'}"
        which = "no agent to stop all" if listed else "the API name of the agent"
        yield from ("## Stop", "")
        yield f"Who may stop it: {_people(self.manifest.owners.kill_switch)}.{named}"
        yield ""
        where = f"environment {code(self.production)}, a reason"
        yield from self._form("wavegate-disable.yml", "- Form: ", f": *Run workflow*, {where}, {which}")
        command = f'wavegate disable {quote(self.production)}{one} --reason "…"'
        login = f"wavegate login {quote(self.production)}"
        yield f"- On a laptop, after {code(login)}: {code(command)}"
        yield f"- Back to the version before instead of nothing at all: {code(f'{command} --to-previous')}"
        yield from self._form("wavegate-enable.yml", "- Afterwards, a named person restarts it: ")
        yield from self._form("wavegate-lock.yml", "- To keep releases out while you look: ")
        yield ""

    def roll_back(self) -> Iterator[str]:
        yield from ("## Roll back", "")
        filled = (
            f": *Run workflow*, environment {code(self.production)}, a reason; no target for the last good release"
        )
        yield from self._form("wavegate-rollback.yml", "- Form: ", filled)
        command = f'wavegate rollback {quote(self.production)} --reason "…"'
        yield f"- On a laptop: {code(command)}"
        yield (
            "- It opens one pull request. Read its list of what to do manually, and merge it: it is released without "
            "new smoke tests, and passes a freeze."
        )
        yield from ("", "| What | How it is rolled back | Owner | Runbook |", "|---|---|---|---|")
        for kind, procedure in self._procedures():
            how = _STRATEGIES[procedure.strategy] if procedure else "**no procedure in the manifest**"
            owner = _people((procedure.owner,)) if procedure and procedure.owner else ""
            yield f"| {kind} | {how} | {owner} | {self._runbook(procedure)} |"
        yield from ("", "Git does not restore:", "", *(f"- {each}" for each in _NOT_IN_GIT), "")

    def _procedures(self) -> Iterator[tuple[Kind, RollbackProcedure | None]]:
        declared = {each.kind: each for each in self.manifest.rollback}
        shipped = frozenset(kind for scope in self.scopes.values() for kind in scope.kinds)
        missing = missing_procedures(self.manifest, shipped or listed_kinds(self.manifest))
        yield from ((kind, declared.get(kind)) for kind in Kind if kind in declared or kind in missing)

    def _runbook(self, procedure: RollbackProcedure | None) -> str:
        return self._file(procedure.runbook) if procedure and procedure.runbook else ""

    def triage(self) -> Iterator[str]:
        yield from ("## Whose failure is it", "", "| What people notice | Layer | Look first at |", "|---|---|---|")
        yield from (f"| {each.symptom} | {each.name} | {each.look} |" for each in LAYERS)
        yield ""
        for name, files in layer_files(self.scopes.values()).items():
            if not files:
                continue
            yield from (f"<details><summary>{name}: {pluralize(len(files), 'component')}</summary>", "")
            yield from (f"- {code(component)}: {self._file(path)}" for component, path in files[:_MAX_FILES])
            if len(files) > _MAX_FILES:
                command = f"wavegate plan {quote(self.production)}"
                yield f"- and {len(files) - _MAX_FILES} more: {code(command)} lists them"
            yield from ("", "</details>", "")

    def high_impact(self) -> Iterator[str]:
        high = [each for each in self.manifest.details if each.impact == "high"]
        if high:
            yield from ("## High-impact actions", "")
            for each in high:
                yield f"- {code(each.name)}, {_people((each.owner,)) if each.owner else 'nobody'}{_acceptance(each)}"
            yield ""

    def environments(self) -> Iterator[str]:
        yield from ("## Environments", "", "| Environment | Org | Gate | Pilot |", "|---|---|---|---|")
        for each in self.manifest.environments:
            yield f"| {code(each.name)} | {code(each.org)} | {_gate(each)} | {_pilot(each)} |"
        if self.manifest.freeze:
            yield from ("", "No releases at these times, except for a rollback:", "")
            yield from (f"- {markdown(each.reason, 200)}: {_when(each)}" for each in self.manifest.freeze)

    def _form(self, workflow: str, words: str, filled: str = "") -> Iterator[str]:
        if workflow in self.workflows:
            # from a file's page, `blob/BRANCH` is two levels above the root of the checkout
            yield f"{words}[{workflow}]({self.up}../../actions/workflows/{workflow}){filled}"

    def _file(self, path: str) -> str:
        shown = path.rpartition("/")[2]
        return f"[{markdown(shown, 100)}]({self.up}{percent_encoded(path)})"


def _people(names: Sequence[str]) -> str:
    return ", ".join(code(each) for each in names) or "**nobody is named**"


def _singular(kind: Kind) -> str:
    return kind.value.removesuffix("s")


def _acceptance(detail: Detail) -> str:
    return "".join(f"\n  - {when}: {markdown(text, 300)}" for when, text in detail.acceptance.items())


def _gate(environment: Environment) -> str:
    packs = environment.gate.packs
    return "every pack" if packs is None else ", ".join(code(each) for each in packs) or "none"


def _when(freeze: Freeze) -> str:
    """The window, in the local time of its zone."""
    window, where = freeze.window, ", ".join(code(each) for each in freeze.environments)
    if isinstance(window, DatedWindow):
        span = f"{window.start:%Y-%m-%d %H:%M} until {window.end:%Y-%m-%d %H:%M}"
    else:
        span = f"every week {_weekly(window.start)} until {_weekly(window.end)}"
    return f"{span} ({markdown(freeze.time_zone, 60)}){f', in {where}' if where else ''}"


def _weekly(since_monday: timedelta) -> str:
    # 2024 began on a Monday
    return f"{datetime(2024, 1, 1, tzinfo=UTC) + since_monday:%A %H:%M}"


def _pilot(environment: Environment) -> str:
    """The cohorts of all steps: the runbook stays true from one step to the next."""
    steps = environment.canary.steps if environment.canary else ()
    cohorts = dict.fromkeys((*environment.pilot_users, *(name for step in steps for name in step.cohorts or ())))
    if cohorts:
        return ", ".join(map(code, cohorts))
    return "canary" if environment.rollout == "canary" else "everybody at once"
