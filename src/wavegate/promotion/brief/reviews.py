"""The brief's section about what earlier reviews left to do."""

from wavegate.github.reviews.open_items import OpenItem
from wavegate.promotion.brief.values import ReviewItems
from wavegate.text import link, markdown

_SHOWN = 5
"""Maximum items that are listed; the reviews list all."""


def open_from_reviews(found: ReviewItems | None) -> str:
    """How many items are open, since when, and the most urgent ones; '' if the manifest plans no reviews."""
    if found is None:
        return ""
    if found.problem:
        return f"**Open from reviews:** ⚠️ unknown. {markdown(found.problem, 400)}"
    if not found.items:
        return "**Open from reviews:** nothing."
    items = found.items
    due = items[0].task.due
    oldest = f", the oldest due {due}" if due else ""
    overdue = sum(each.is_overdue(found.today) for each in items)
    late = f", ⏰ {overdue} overdue" if overdue else ""
    lines = [f"- {_item(each, found)}" for each in items[:_SHOWN]]
    if len(items) > _SHOWN:
        lines.append(f"- and {len(items) - _SHOWN} more in the reviews")
    return "\n".join([f"**Open from reviews:** {len(items)}{oldest}{late}", "", *lines])


def _item(item: OpenItem, found: ReviewItems) -> str:
    # our own tasks name their evidence and owner behind it
    words = markdown(item.task.text.partition(" Evidence: ")[0], 250)
    due = f", due {item.task.due}" if item.task.due else ""
    mark = "⏰ " if item.is_overdue(found.today) else ""
    return f"{mark}{words} ({link(f'review {item.number}', item.url)}{due})"
