"""The brief's lists of what a promotion changes, each line with its difference."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from wavegate.components.changes import EFFECTIVE, ChangeKind, ComponentChange
from wavegate.plan.as_markdown import CHANGE_WORDS
from wavegate.plan.values import PromptChange
from wavegate.promotion.brief.values import Brief
from wavegate.text import code, fenced, link, markdown, pluralize, prose

OPEN = 8
"""Maximum changes that are listed openly; more are folded."""
_PROMPTS = 10
_CHANGES = 100
_FILES = 3
"""Files of a component that are linked one by one."""
_DELETIONS = 10_000
"""Maximum characters of the deleted components' names."""


def deletions(brief: Brief) -> str:
    """What the promotion deletes, by name and not folded: a reviewer must not overlook it."""
    removed = [each for each in brief.plan.changes if each.kind is ChangeKind.REMOVED]
    if not removed:
        return ""
    names = [f"- {_linked(each, brief)}" for each in removed]
    lengths = accumulate(len(each) for each in names)
    shown = [each for each, length in zip(names, lengths, strict=True) if length <= _DELETIONS]
    more = [f"- and {len(names) - len(shown)} more in the plan"] if len(names) > len(shown) else []
    return "\n".join([f"### ➖ Deletes {pluralize(len(removed), 'component')}", "", *shown, *more])


def changes(brief: Brief) -> str:
    """What alters the org, folded if it is long; deletions have a section of their own."""
    plan = brief.plan
    found = [each for each in plan.changes if each.kind in EFFECTIVE and each.kind is not ChangeKind.REMOVED]
    if not found:
        return "" if plan.of_kind(ChangeKind.REMOVED) else "**What changes:** nothing."
    page = brief.links.pages.comparison(plan.since, plan.commit) if plan.since else ""
    everything = f" {link('All differences', page)}" if page else ""
    lines = _listed(found, brief)
    shown = [f"**What changes:** {_counts(found)}.{everything}", "", *lines[:OPEN]]
    more = folded(f"{len(found) - OPEN} more", lines[OPEN:]) if len(found) > OPEN else ""
    return "\n".join([*shown, *(["", more] if more else [])])


def unchanged(brief: Brief) -> str:
    """What the promotion sends along, keeps or leaves in the org, folded."""
    found = [each for each in brief.plan.changes if each.kind not in EFFECTIVE]
    summary = f"Unchanged in the org: {pluralize(len(found), 'component')}"
    return folded(summary, _listed(found, brief)) if found else ""


def _counts(found: Sequence[ComponentChange]) -> str:
    """How many of which kind, such as `3 components (agents 2, prompts 1)`: an agent has several."""
    kinds = Counter(each.component.kind.value if each.component.kind else "tests" for each in found)
    listed = ", ".join(f"{'Apex' if name == 'apex' else name} {count}" for name, count in sorted(kinds.items()))
    return f"{pluralize(len(found), 'component')} ({listed})"


def _listed(found: Sequence[ComponentChange], brief: Brief) -> list[str]:
    lines = [f"- {_what(each)} {_linked(each, brief)}" for each in found[:_CHANGES]]
    return [*lines, f"- and {len(found) - _CHANGES} more in the plan"] if len(found) > _CHANGES else lines


def prompts(brief: Brief) -> str:
    """The differences of the prompts, folded."""
    found = brief.prompts
    return (
        folded(f"Text of the prompts: {pluralize(len(found), 'difference')}", [*_prompt_lines(found)])
        if found
        else ""
    )


def folded(summary: str, lines: Sequence[str]) -> str:
    """Lines below a summary that opens them."""
    return "\n".join([f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"])


def _what(change: ComponentChange) -> str:
    words = CHANGE_WORDS[change.kind]
    return f"{words}: {prose(change.reason, 300)}:" if change.reason else words


def _linked(change: ComponentChange, brief: Brief) -> str:
    """A component, linked to the difference of its first changed file, and its further ones by name."""
    name, pages = code(str(change.component.id), 200), _pages(change, brief)
    if not pages:
        return name
    (_, first), *rest = pages.items()
    further = ", ".join(link(file, page, 100) for file, page in islice(rest, _FILES))
    more = f" and {pluralize(len(rest) - _FILES, 'more file')}" if len(rest) > _FILES else ""
    return f"[{name}](<{first}>)" + (f" with {further}{more}" if rest else "")


def _pages(change: ComponentChange, brief: Brief) -> dict[str, str]:
    """The pages of what changes in a component, by file name: what people write comes before what describes it.

    A component that is new to the environment may have been in the live commit already; then its files are shown.
    """
    plan, pages = brief.plan, brief.links.pages
    if change.kind not in EFFECTIVE or not pages.base:
        return {}
    changed = brief.changed_files.get(change.component.id, ())
    shown = sorted(changed or _own_files(change, brief), key=lambda path: (path.endswith("-meta.xml"), path))
    if plan.since and changed:
        return {_file_name(path): pages.diff(plan.since, plan.commit, path) for path in shown}
    return {_file_name(path): pages.file(plan.commit, path) for path in shown}


def _own_files(change: ComponentChange, brief: Brief) -> list[str]:
    if change.kind is ChangeKind.REMOVED:
        return []
    return [brief.links.folder + path for path in change.component.paths]


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _prompt_lines(found: Sequence[PromptChange]) -> Iterator[str]:
    for prompt in found[:_PROMPTS]:
        yield f"**{markdown(prompt.name, 200)}** {prompt.kind.value}: +{prompt.added} −{prompt.removed} lines\n"
        if prompt.lines:
            yield fenced(prompt.lines, "diff")
        if prompt.more:
            yield f"\nand {prompt.more} more lines"
        yield ""
    if len(found) > _PROMPTS:
        yield f"and {len(found) - _PROMPTS} more prompts in the plan"
