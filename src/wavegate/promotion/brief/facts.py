"""The brief's table: what is live, what is held, how it comes back, and whom to ask."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.plan.values import RiskLevel
from wavegate.promotion.brief.values import Brief, ValidationResult, ValidationSummary
from wavegate.promotion.holding import StopEffect, shown_time
from wavegate.promotion.values import RefusalRule
from wavegate.rollback.rehearsal_report import rehearsal_words
from wavegate.text import code, link, markdown, pluralize

_RISK = {RiskLevel.LOW: "🟢 low", RiskLevel.MEDIUM: "🟡 medium", RiskLevel.HIGH: "🔴 **high**"}
_VALIDATION: Mapping[ValidationResult, str] = {
    "validated": "✅ the org accepts it",
    "validated-in-part": "✅ the org accepts what can be validated: see the validation's summary",
    "unchanged": "✅ there is nothing to deploy",
    "no-credentials": "⚠️ not validated: there are no credentials for the org before the approval",
    "off": "⚠️ not validated: the validation is disabled",
}
_EFFECTS = {
    StopEffect.REFUSED: "",
    StopEffect.RESUMED: "; this release turns it on again",
    StopEffect.RESTORED: "; this release is the one that it was stopped for",
    StopEffect.KEPT: "; it stays as it is: `enable` turns it on",
}


def facts(brief: Brief) -> str:
    """The table."""
    rows = [("Risk", _risk(brief)), *_held(brief), ("Live now", _live(brief))]
    if brief.validation:
        rows.append(("Validation", _validation(brief.validation)))
    rows += [("Rollback", _rollback(brief)), ("Owners", _owners(brief)), ("Read more", _read_more(brief))]
    first, *rest = [f"| {name} | {value} |" for name, value in rows]
    # Markdown has no table without a header, so the first fact is one
    return "\n".join([first, "|:--|:--|", *rest])


def _live(brief: Brief) -> str:
    live = brief.live
    if live is None:
        return markdown(brief.live_note) or "unknown"
    release = live.release
    since = f" since {shown_time(live.live_since)}" if live.live_since else ""
    run = f" ({link('run', release.run)})" if release and link("run", release.run) != "run" else ""
    stopped = {stop.agent: _left(stop) for stop, _ in (brief.holds.stops if brief.holds else ())}
    agents = ", ".join(f"{name} {version}" for name, version in sorted({**live.agents, **stopped}.items()))
    commit = _commit(brief, live.commit)
    return f"{markdown(live.title, 100)} at {commit}{since}{run}" + (f", {markdown(agents, 200)}" if agents else "")


def _commit(brief: Brief, commit: str) -> str:
    """A commit, linked to its page."""
    return link(commit[:12], brief.links.pages.commit(commit))


def _held(brief: Brief) -> Iterator[tuple[str, str]]:
    holds = brief.holds
    if holds is None:
        yield "Stops and locks", "⚠️ not checked: there is no access to the ledger"
        return
    if holds.stops:
        yield (
            "Stopped",
            "<br>".join(
                f"🛑 {markdown(stop.agent, 100)}: {_left(stop)}"
                f"{_by(stop.act, brief, RefusalRule.STOPPED)}{_EFFECTS[effect]}"
                for stop, effect in holds.stops[:5]
            ),
        )
    if holds.lock:
        yield "Locked", f"🔒 locked{_by(holds.lock, brief, RefusalRule.LOCKED)}"
    if holds.rollback:
        yield "Open rollback", _open_rollback(holds.rollback)
    if holds.next_freeze:
        window = holds.next_freeze
        yield "Next freeze", f"❄️ from {window.freeze.local(window.start)}: {markdown(window.freeze.reason, 200)}"


def _left(stop: OpenStop) -> str:
    """The version that a stop left live."""
    return "off" if stop.version is None else f"v{stop.version}"


def _open_rollback(act: Act) -> str:
    page = link(f"#{act.number}" if act.number else "page", act.page)
    bad, good = (f"{markdown(each.name, 100)}" if each else "unknown" for each in (act.release, act.target))
    incident = f" ({markdown(act.incident, 100)})" if act.incident else ""
    return f"⏪ {page} from {bad} to {good}{incident}: {bad} stays live until it is merged and promoted"


def _by(act: Act, brief: Brief, rule: RefusalRule) -> str:
    """When, by whom, and why, unless the refusal by that rule says it already; with the run."""
    run = f" ({link('run', act.run)})" if act.run else ""
    if brief.holds and any(each.rule is rule for each in brief.holds.refusals):
        return run
    who = f" by {code(act.actor, 60)}" if act.actor else ""
    return f" since {shown_time(act.time)}{who}: {markdown(act.reason, 200)}{run}"


def _risk(brief: Brief) -> str:
    return f"{_RISK[brief.risk.level]}: {markdown('; '.join(brief.risk.reasons), 600)}"


def _validation(validation: ValidationSummary) -> str:
    org = f", {code(validation.org.partition('://')[2], 100)}" if validation.org else ""
    tests = f", {pluralize(validation.tests, 'Apex test')}" if validation.tests is not None else ""
    return f"{_VALIDATION[validation.result]}{org}{tests}"


def _rollback(brief: Brief) -> str:
    rehearsal = brief.rehearsal
    if rehearsal is None:
        result = "not rehearsed: the live release is unknown"
    elif rehearsal.passed:
        result = f"✅ rehearsed: {markdown(rehearsal_words(rehearsal))}"
    else:
        result = f"❌ **rehearsal failed**: {markdown(rehearsal_words(rehearsal))}"
    steps = len(brief.manual_steps)
    return result + (f"; {pluralize(steps, 'manual step')} listed below" if steps else "")


def _owners(brief: Brief) -> str:
    owners = brief.owners
    named = (("release", owners.release), ("escalations", owners.escalations), ("kill switch", owners.kill_switch))
    # as code, so that the brief does not notify them
    duties = [f"{duty} {' '.join(_codes(people[:5]))}" for duty, people in named if people]
    return ", ".join(duties) or "none named"


def _codes(names: Sequence[str]) -> Iterator[str]:
    return (code(each, 100) for each in names)


def _read_more(brief: Brief) -> str:
    links, decision = brief.links, brief.decision
    number = links.pull_request
    decided = decision.run if decision and decision.run else links.run
    pages = [
        ("pull request " + f"#{number}", links.pages.pull_request(number)) if number else ("", ""),
        ("run", links.run),
        ("decision", f"{decided.partition('/attempts/')[0]}#artifacts" if decision and decided else ""),
        (f"commit {brief.plan.commit[:12]}", links.pages.commit(brief.plan.commit)),
    ]
    shown = [link(name, page) for name, page in pages if page]
    return " · ".join([*shown, f"content sha256 {code(brief.plan.content[:12])}"])
