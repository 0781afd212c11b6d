"""How the evidence of each canary moved from look to look, on a log scale."""

from collections.abc import Iterator, Sequence
from math import log

from wavegate.canary.decision import CanaryDecision
from wavegate.ledger.moment import moment_text
from wavegate.report.markup import Content, Node, element, table

_WIDTH, _HEIGHT, _LEFT, _RIGHT = 640, 190, 60, 10


def canaries_section(decisions: Sequence[CanaryDecision]) -> list[Node]:
    """One chart for each release that was watched, and its looks. decisions: oldest first."""
    looks: dict[tuple[str, str, str, str], list[CanaryDecision]] = {}
    for each in decisions:
        looks.setdefault((each.environment, each.release, each.content, each.stage), []).append(each)
    return [node for own in looks.values() for node in _watched(own)]


def _watched(looks: Sequence[CanaryDecision]) -> Iterator[Node]:
    last = looks[-1]
    verdict = element("span", last.verdict, class_=tone(last.verdict))
    yield element("h3", f"{last.release} in {last.environment}: ", verdict)
    yield element("p", last.claim)
    if chart := _chart(looks):
        yield chart
    rows: list[list[Content]] = [
        [
            f"{each.looks}, {moment_text(each.time)}",
            element("span", each.verdict, class_=tone(each.verdict)),
            each.reasons[0].text if each.reasons else "",
            ", ".join(f"{metric.name} {metric.roll_back:.2g} / {metric.expand:.2g}" for metric in each.metrics),
        ]
        for each in reversed(looks)
    ]
    head = ["Look", "Verdict", "Why", "Evidence to roll back / to expand"]
    yield table(head, rows, caption=f"Looks at {last.release}, newest first")


def tone(verdict: str) -> str:
    """The class that colours a verdict."""
    if verdict in ("pass", "expand", "healthy"):
        return "good"
    return "bad" if verdict in ("fail", "rollback") else "doubt"


def _chart(looks: Sequence[CanaryDecision]) -> Node | None:
    with_metrics = [each for each in looks if each.metrics and each.proof > 1]
    if not with_metrics:
        return None
    proof = with_metrics[-1].proof
    # the mean over the metrics rolls back; every single one must be proven to expand, so the least counts
    lines = {
        "line-bad": [each.evidence for each in with_metrics],
        "line-good": [min(metric.expand for metric in each.metrics) for each in with_metrics],
    }
    drawing = element(
        "svg",
        element("title", f"Evidence from look to look, decided at {proof:g}"),
        element("desc", "Red: that the release does harm. Green: that it does none, by its weakest metric."),
        list(_frame(proof)),
        [_line(values, proof, kind) for kind, values in lines.items()],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )
    caption = f"Red rolls back at {proof:g}, green expands at {proof:g}. Below 1, the data speak for the opposite."
    return element("figure", drawing, element("figcaption", caption))


def _y(value: float, proof: float) -> float:
    """Evidence from 1 / proof to proof on a log scale; what lies beyond is drawn at the edge."""
    share = 0.5 + log(min(max(value, 1 / proof), proof)) / (2 * log(proof))
    return 12 + (_HEIGHT - 30) * (1 - share)


def _frame(proof: float) -> Iterator[Node]:
    for value, label in ((proof, f"{proof:g}"), (1.0, "1"), (1 / proof, f"1/{proof:g}")):
        y = _y(value, proof)
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="axis")
        yield element("text", label, x=_LEFT - 6, y=y + 4, text_anchor="end", class_="soft")


def _line(values: Sequence[float], proof: float, kind: str) -> Node:
    step = (_WIDTH - _LEFT - _RIGHT - 8) / max(len(values) - 1, 1)
    points = [(_LEFT + 4 + step * index, _y(value, proof)) for index, value in enumerate(values)]
    if len(points) == 1:
        return element("circle", cx=points[0][0], cy=points[0][1], r=4, class_=kind.replace("line", "fill"))
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=kind)
