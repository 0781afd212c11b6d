"""The question that a gate decides: may a release enter production, by packs that ran in uat?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.support.releases import environment

from wavegate.gate.judge import Question
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack


def question_of(packs: Sequence[Pack], now: datetime, *, release: str = "wave-3", **fields: Any) -> Question:
    """The question about a release that says no more than its name and environments."""
    given: dict[str, Any] = {
        "stage": "gate",
        "manifest": Manifest(release=release, environments=(environment("uat"), environment("production"))),
        "environment": "production",
        "observed_in": "uat",
        "packs": packs,
        "now": now,
    }
    return Question(**given | fields)
