"""A plan as Markdown for the step summary."""

import re
from collections.abc import Iterator

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import ComponentId
from wavegate.components.outside import names_outside
from wavegate.findings.finding import Severity, worst_first
from wavegate.pilot.shown.words import pilot_sentences
from wavegate.plan.as_text import headline, shard_sentences
from wavegate.plan.values import Plan
from wavegate.statistics.canary.power_report import canary_power_markdown
from wavegate.statistics.power_report import power_markdown
from wavegate.text import clip, code, markdown, pluralize

_MAX_CHANGES = 100
_MAX_FINDINGS = 50
_MAX_NODES = 60
"""Maximum nodes of the dependency graph; a larger one is unreadable."""
_SIGN = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTICE: "💡"}
CHANGE_WORDS = {
    ChangeKind.ADDED: "➕ added",
    ChangeKind.CHANGED: "✏️ changed",
    ChangeKind.UNCHANGED: "↪️ sent along, unchanged",
    ChangeKind.REMOVED: "➖ removed",
    ChangeKind.KEPT: "📌 kept in the org",
    ChangeKind.LEFT: "📌 left in the org",
}


def change_cell(change: ComponentChange) -> str:
    """What happens to a component, and why it is left in the org if it is."""
    words = CHANGE_WORDS[change.kind]
    return f"{words}: {markdown(change.reason, 300)}" if change.reason else words


def plan_markdown(plan: Plan) -> str:
    """Findings and changes first, then what is left out, the steps, the tests and a dependency graph."""
    content = f"Content: sha256 {code(plan.content)}"
    lines = [
        f"### Plan: {markdown(headline(plan))}",
        "",
        content,
        "",
        *_findings(plan),
        *_pilot(plan),
        *_changes(plan.as_released),
        *_copies(plan),
        *_outside(plan),
        *_steps(plan),
    ]
    if plan.powers:
        lines += [power_markdown(plan.powers)]
    if plan.canary_powers:
        lines += [canary_power_markdown(plan.canary_powers)]
    return "\n".join([*lines, *_graph(plan)])


def _findings(plan: Plan) -> Iterator[str]:
    if not plan.findings:
        return
    yield from ("| | Finding | What to do |", "|---|---|---|")
    for each in sorted(plan.findings, key=worst_first)[:_MAX_FINDINGS]:
        place = code(f"{each.location.file}:{each.location.line}")
        yield f"| {_SIGN[each.severity]} | {markdown(each.message)}<br><sub>{place}</sub> | {markdown(each.fix)} |"
    yield from _more(len(plan.findings), _MAX_FINDINGS)


def _pilot(plan: Plan) -> Iterator[str]:
    if plan.pilot:
        yield from ("**Pilot**", "")
        yield from (f"- {markdown(each)}" for each in pilot_sentences(plan.pilot))
        yield ""


def _copies(plan: Plan) -> Iterator[str]:
    """What a pilot's deployment sends, by the name of what it is a copy of, folded."""
    copy = plan.pilot.copy if plan.pilot else None
    if copy and plan.shipped:
        originals = {name: original for original, name in copy.names.items()}
        yield f"<details><summary>{pluralize(len(plan.shipped), 'component')} deployed for the pilot</summary>\n"
        yield from ("| Component | Copy of |", "|---|---|")
        for each in plan.shipped[:_MAX_CHANGES]:
            original = originals.get(each.id)
            yield f"| {code(str(each.id))} | {code(str(original)) if original else ''} |"
        yield from _more(len(plan.shipped), _MAX_CHANGES)
        yield "\n</details>\n"


def _changes(plan: Plan) -> Iterator[str]:
    if not plan.changes:
        return
    yield from ("| Kind | Component | |", "|---|---|---|")
    for each in sorted(plan.changes, key=_by_kind)[:_MAX_CHANGES]:
        yield f"| {_kind(each)} | {code(str(each.component.id))} | {change_cell(each)} |"
    yield from _more(len(plan.changes), _MAX_CHANGES)


def _by_kind(change: ComponentChange) -> tuple[str, ComponentId]:
    return (_kind(change), change.component.id)


def _kind(change: ComponentChange) -> str:
    kind = change.component.kind
    return kind.value if kind else "tests"


def _outside(plan: Plan) -> Iterator[str]:
    """What the deployment uses and leaves out, folded: most of it is in every org already."""
    names = names_outside(plan.used_outside)
    if names:
        yield f"<details><summary>{pluralize(len(names), 'component')} used, but not shipped</summary>\n"
        yield from (f"- {code(each)}" for each in names[:_MAX_CHANGES])
        yield from _more(len(names), _MAX_CHANGES)
        yield "\n</details>\n"


def _more(total: int, shown: int) -> Iterator[str]:
    yield f"\n{total - shown:,} more in plan.json.\n" if total > shown else ""


def _steps(plan: Plan) -> Iterator[str]:
    yield from (f"{number}. {markdown(step)}" for number, step in enumerate(plan.steps, 1))
    yield ""
    yield from (f"{markdown(each)}\n" for each in shard_sentences(plan))


def _graph(plan: Plan) -> Iterator[str]:
    """A dependency graph of the scope; changed components have a thick border. Omitted if it is too large to read."""
    components = plan.scope.components
    if not plan.scope.edges or len(components) > _MAX_NODES:
        return
    numbers = {component.id: f"n{number}" for number, component in enumerate(components)}
    changed = [numbers[each.component.id] for each in plan.changes if each.component.id in numbers]
    yield from ("<details><summary>Dependency graph</summary>", "", "```mermaid", "graph LR")
    yield from (f'  {numbers[each]}["{_label(each)}"]' for each in numbers)
    yield from (f"  {numbers[each.source]} --> {numbers[each.target]}" for each in plan.scope.edges)
    if changed:
        yield f"  classDef changed stroke-width:4px\n  class {','.join(changed)} changed"
    yield from ("```", "", "</details>", "")


def _label(component: ComponentId) -> str:
    """Type and own name, without characters that are special in Mermaid, Markdown or HTML."""
    name = component.name.rpartition("/")[2]
    return clip(re.sub(r"[^\w .#-]", "?", f"{component.type} {name}", flags=re.ASCII), 80)
