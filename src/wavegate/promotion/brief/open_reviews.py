"""Read what earlier reviews left open. If that fails, the brief says so: nobody waits for a review's issue."""

from datetime import UTC, datetime

from wavegate.errors import WavegateError
from wavegate.github.connect import GitHubAccess
from wavegate.github.reviews.issues import read_reviews
from wavegate.github.reviews.marker import manifest_mark
from wavegate.github.reviews.open_items import open_items
from wavegate.promotion.brief.values import ReviewItems
from wavegate.release.manifest import Manifest


def read_open_items(access: GitHubAccess, manifest: Manifest) -> ReviewItems | None:
    """The open items of a manifest's reviews, in one request; None if it plans none, or without GitHub."""
    if manifest.review_cadence is None or not access.is_complete:
        return None
    today = datetime.now(UTC).date()
    try:
        reviews = read_reviews(access.client(), access.run.repository, manifest_mark(manifest.path))
    except WavegateError as error:
        return ReviewItems(today=today, problem=error.message)
    return ReviewItems(items=open_items(reviews), today=today)
