"""What reviews left to do: the tasks that nobody has ticked in any of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wavegate.github.reviews.marker import ReviewIssue
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
    for each in reviews:
        for task in read_tasks(each.body):
            found.setdefault(task.key, OpenItem(task=task, number=each.number, url=each.url))
    done = done_keys(reviews)
    left = (item for key, item in found.items() if key not in done)
    return tuple(sorted(left, key=lambda each: (each.task.due or date.max, each.number)))


def done_keys(reviews: Iterable[ReviewIssue]) -> frozenset[str]:
    """The keys of the tasks that are ticked in any of the reviews."""
    return frozenset(task.key for each in reviews for task in read_tasks(each.body) if task.done)
