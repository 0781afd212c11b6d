"""What reviews left to do: the tasks that nobody has ticked in any of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wavegate.github.reviews.issues import ReviewIssue
from wavegate.github.reviews.tasks import WrittenTask, read_tasks


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenItem:
    """A task that nobody has ticked. number, url: of the issue in which it was written first."""

    task: WrittenTask
    number: int
    url: str

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over. today: UTC."""
        return self.task.due is not None and self.task.due < today


def open_items(reviews: Sequence[ReviewIssue]) -> tuple[OpenItem, ...]:
    """The open items of reviews, the oldest due first, those without a date last. reviews: the oldest first.

    A task that was carried over is one task: ticked in one issue, it is done in all. A closed issue's tasks count:
    closing it does not do them.
    """
    found: dict[str, OpenItem] = {}
    done: set[str] = set()
    for each in reviews:
        for task in read_tasks(each.body):
            if task.done:
                done.add(task.key)
            else:
                found.setdefault(task.key, OpenItem(task=task, number=each.number, url=each.url))
    return by_due(item for key, item in found.items() if key not in done)


def by_due(items: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    """The items, the oldest due first."""
    return tuple(sorted(items, key=lambda each: (each.task.due or date.max, each.number)))
