"""The brief's table: what is live, what is held, how it comes back, and whom to ask."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.gate.decision import Verdict
from wavegate.guardrails.classes.values import CLASS_WORDS, class_page
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.acts.words import shown_time
from wavegate.pilot.planned import PlannedPilot
from wavegate.pilot.shown.words import copy_sentences, meeting_sentences
from wavegate.plan.values import RiskLevel
from wavegate.promotion.brief.answer import is_approvable
from wavegate.promotion.brief.values import AgentMove, Brief, ValidationResult, ValidationSummary
from wavegate.promotion.stops import StopEffect
from wavegate.promotion.values import RefusalRule
from wavegate.release.readiness.values import ScoreCard
from wavegate.rollback.rehearsal_report import rehearsal_words
from wavegate.text import code, link, markdown, pluralize, prose

_RISK = {RiskLevel.LOW: "🟢 low", RiskLevel.MEDIUM: "🟡 medium", RiskLevel.HIGH: "🔴 **high**"}
_VALIDATION: Mapping[ValidationResult, str] = {
    "validated": "✅ a check-only deployment succeeded",
    "validated-in-part": "✅ a check-only deployment of what can be validated succeeded: see its summary",
    "unchanged": "✅ there is nothing to deploy",
    "no-credentials": "⚠️ not validated: there are no credentials for the org before the approval",
    "off": "⚠️ not validated: the validation is disabled",
}
_EFFECTS = {
    StopEffect.REFUSED: "",
    StopEffect.RESUMED: "; this release restarts it",
    StopEffect.RESTORED: "; this release is the one that it was stopped for",
    StopEffect.KEPT: "; it stays stopped. Not verified until `enable` restarts it and the deploy job is re-run",
}


def facts(brief: Brief) -> str:
    """The table."""
    rows = [
        *_approval(brief),
        *_limits(brief),
        ("Risk", _risk(brief)),
        *_class(brief),
        ("Rollback", _rollback(brief)),
        *_review(brief),
    ]
    rows += [*_held(brief), ("Live now", _live(brief)), *_tested(brief)]
    if brief.validation:
        rows.append(("Validation", _validation(brief.validation)))
    if brief.readiness:
        rows.append(("Readiness", _readiness(brief.readiness)))
    rows += [("Owners", _owners(brief)), ("Read more", _read_more(brief))]
    first, *rest = [f"| {name} | {value} |" for name, value in rows]
    # Markdown has no table without a header, so the first fact is one
    return "\n".join([first, "|:--|:--|", *rest])


def _approval(brief: Brief) -> Iterator[tuple[str, str]]:
    """What is asked of the reader, and what an approval does to which agent."""
    moves = sorted(brief.agents, key=lambda each: each.stays)
    if not is_approvable(brief):
        yield "To do", _to_do(brief)
    if brief.plan.pilot and brief.plan.pilot.copied:
        yield from _copies(brief.plan.pilot, "If approved" if is_approvable(brief) else "Would change")
        return
    if not moves:
        return
    agents = "; ".join(_move(each) for each in moves)
    if not is_approvable(brief):
        yield "Would change", markdown(agents, 500)
        return
    moved = [_move(each) for each in moves if not each.stays]
    when = f"go{'es' if len(moved) == 1 else ''} live{', for the pilot first' if brief.is_canary else ' at once'}"
    words = [f"{', '.join(moved)} {when}"] if moved else []
    words += [_move(each) for each in moves if each.stays]
    yield "If approved", markdown("; ".join(words), 500)


def _copies(pilot: PlannedPilot, title: str) -> Iterator[tuple[str, str]]:
    """Who meets the copies, and that everybody else keeps the live agents."""
    yield title, "<br>".join(markdown(each, 500) for each in meeting_sentences(pilot))
    if pilot.copied:
        yield "Pilot copy", "<br>".join(markdown(each, 800) for each in copy_sentences(pilot.copied))


def _limits(brief: Brief) -> Iterator[tuple[str, str]]:
    """What the pilot does not limit, and what a person has to do for it."""
    pilot = brief.plan.pilot
    if pilot and pilot.not_limited:
        yield "Not limited", "<br>".join(f"⚠️ {markdown(each, 500)}" for each in pilot.not_limited)
    if pilot and pilot.manual:
        yield "For the pilot", "<br>".join(markdown(each, 500) for each in pilot.manual)


def _to_do(brief: Brief) -> str:
    """What is asked of whom while an approval would deploy nothing."""
    owner = " ".join(_codes(brief.owners.release[:3])) or "the release's owner"
    if brief.holds and brief.holds.refusals:
        return "nothing to approve: this cannot be deployed now"
    if brief.decision is None or brief.doubt:
        return "nothing to approve until the gate has decided about this release"
    if brief.decision.verdict is Verdict.INCONCLUSIVE:
        return "nothing to approve until what is missing has run"
    return f"nothing to approve; {owner}: fix what failed and merge the fix, which is tested again"


def _review(brief: Brief) -> Iterator[tuple[str, str]]:
    """Where to approve; after what a reviewer has to know first."""
    page = brief.links.run.partition("/attempts/")[0]
    if page and brief.agents and is_approvable(brief):
        yield "Approve", link("Review deployments", page)


def _move(move: AgentMove) -> str:
    if move.after in ("", move.before):
        version = f" {move.before}" if move.before else ""
        return f"{move.name} stays{version}" if move.stays else f"{move.name}{version} changes"
    return f"{move.name} {move.before} → {move.after}" if move.before else f"{move.name} {move.after} (new)"


def _tested(brief: Brief) -> Iterator[tuple[str, str]]:
    """Where and when the evidence was judged, with the decision."""
    decision = brief.decision
    if decision is None or brief.doubt:
        return
    where = f"in {markdown(decision.observed_in, 100)}" if decision.observed_in else "in any environment"
    since = f", since {shown_time(decision.oldest)}" if decision.oldest else ""
    run = (decision.run or brief.links.run).partition("/attempts/")[0]
    page = f" ({link('decision', f'{run}#artifacts')})" if run else ""
    yield "Tested", f"{where}{since}; decided {shown_time(decision.time)}{page}"


def _live(brief: Brief) -> str:
    live = brief.live
    if live is None:
        return markdown(brief.live_note) or "unknown"
    release = live.release
    since = f" since {shown_time(live.live_since)}" if live.live_since else ""
    name = "the run that deployed it"
    run = f" ({link(name, release.run)})" if release and link(name, release.run) != name else ""
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
                f"🛑 {markdown(stop.agent, 100)} {_left(stop)}"
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
    return "stopped" if stop.version is None else f"stopped at v{stop.version}"


def _open_rollback(act: Act) -> str:
    page = link(f"#{act.number}" if act.number else "page", act.page)
    bad, good = (f"{markdown(each.name, 100)}" if each else "unknown" for each in (act.release, act.target))
    incident = f" ({markdown(act.incident, 100)})" if act.incident else ""
    return f"⏪ {page} from {bad} to {good}{incident}: {bad} stays live until it is merged and promoted"


def _by(act: Act, brief: Brief, rule: RefusalRule) -> str:
    """When, by whom, and why, unless the refusal by that rule says it already; with the run."""
    run = f" ({link(f'run of the {act.kind}', act.run)})" if act.run else ""
    if brief.holds and any(each.rule is rule for each in brief.holds.refusals):
        return run
    who = f" by {code(act.actor, 60)}" if act.actor else ""
    return f" since {shown_time(act.time)}{who}: {markdown(act.reason, 200)}{run}"


def _risk(brief: Brief) -> str:
    return f"{_RISK[brief.risk.level]}: {prose('; '.join(brief.risk.reasons), 600)}"


def _class(brief: Brief) -> Iterator[tuple[str, str]]:
    """Who has to review what ships since the live release; not shown if that is unknown."""
    if change_class := brief.plan.change_class:
        yield "Change class", link(CLASS_WORDS[change_class], class_page(change_class))


def _readiness(card: ScoreCard) -> str:
    """The score, and the areas where something is missing."""
    gaps = [f"{each.area} {each.met}/{each.total}" for each in card.areas if each.missing]
    return f"{card.met} of {card.total}{': ' if gaps else ''}{', '.join(gaps)}"


def _validation(validation: ValidationSummary) -> str:
    org = f" in {code(validation.org.partition('://')[2], 100)}" if validation.org else ""
    tests = f"; {pluralize(validation.tests, 'Apex test')} passed" if validation.tests is not None else ""
    return f"{_VALIDATION[validation.result]}{org}{tests}"


def _rollback(brief: Brief) -> str:
    rehearsal = brief.rehearsal
    if rehearsal is None:
        result = "not rehearsed: the live release is unknown"
    elif rehearsal.passed and rehearsal.rollback is None:
        result = f"⚠️ {markdown(rehearsal_words(rehearsal))}"
    elif rehearsal.passed and (name := _stopped_target(brief)):
        result = f"⚠️ only to {markdown(name, 100)}, the release that was stopped"
    elif rehearsal.passed:
        result = f"✅ rehearsed: {markdown(rehearsal_words(rehearsal) + _activated(brief))}"
    else:
        result = f"❌ **rehearsal failed**: {markdown(rehearsal_words(rehearsal))}"
    steps = len(brief.manual_steps)
    return result + (f"; {pluralize(steps, 'manual step')} below" if steps else "")


def _stopped_target(brief: Brief) -> str:
    """The release that a rollback restores, if an open stop is about it; '' if none is."""
    good = brief.rehearsal.rollback.good if brief.rehearsal and brief.rehearsal.rollback else None
    stopped = (stop.act.release for stop, _ in (brief.holds.stops if brief.holds else ()))
    return good.name if good and any(each and each.commit == good.commit for each in stopped) else ""


def _activated(brief: Brief) -> str:
    """The versions that the rollback activates again, unless that is a manual step."""
    if any(each.startswith("agents:") for each in brief.manual_steps):
        return ""
    versions = [
        f"{each.name} {each.before}" for each in brief.agents if each.before.startswith("v") and not each.stays
    ]
    return f", and activate {', '.join(versions)} again" if versions else ""


def _owners(brief: Brief) -> str:
    owners = brief.owners
    named = (("release", owners.release), ("escalations", owners.escalations), ("kill switch", owners.kill_switch))
    # as code, so that the brief does not notify them
    duties = [f"{duty} {' '.join(_codes(people[:5]))}" for duty, people in named if people]
    return ", ".join(duties) or "none named"


def _codes(names: Sequence[str]) -> Iterator[str]:
    return (code(each, 100) for each in names)


def _read_more(brief: Brief) -> str:
    links, number = brief.links, brief.links.pull_request
    pages = [
        ("pull request " + f"#{number}", links.pages.pull_request(number)) if number else ("", ""),
        ("this run", links.run),
        (f"commit {brief.plan.commit[:12]}", links.pages.commit(brief.plan.commit)),
    ]
    shown = [link(name, page) for name, page in pages if page]
    return " · ".join(shown) or f"commit {code(brief.plan.commit[:12])}"
