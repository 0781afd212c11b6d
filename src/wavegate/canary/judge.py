"""Judge a canary: the order of decisions over everything that one look found."""

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.values import CanaryQuestion


def judge(question: CanaryQuestion) -> CanaryDecision:
    """What follows from this look. Never an exception for what the telemetry says."""
    raise NotImplementedError
