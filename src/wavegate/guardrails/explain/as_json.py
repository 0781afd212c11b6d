"""An explanation as JSON."""

import json
from typing import Any

from wavegate.guardrails.explain.values import Explanation, Point


def explanation_json(explanation: Explanation) -> str:
    """The explanation for programs, as `guardrails-explanation.schema.json` describes it."""
    return json.dumps(
        {
            "agent": explanation.agent,
            "source": explanation.source,
            "file": explanation.location.file,
            "summary": list(explanation.summary),
            "sections": [
                {"title": each.title, "intro": each.intro, "points": [_point(point) for point in each.points]}
                for each in explanation.sections
            ],
            "diagram": explanation.diagram,
        },
        indent=2,
    )


def _point(point: Point) -> dict[str, Any]:
    place = {"file": point.location.file, "line": point.location.line} if point.location else {}
    return {"text": point.text, **place}
