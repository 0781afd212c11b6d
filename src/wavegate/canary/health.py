"""Judge the health of a release that everybody has, by the thresholds of its environment."""

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.values import HealthQuestion


def judge_health(question: HealthQuestion) -> CanaryDecision:
    """Whether the live release crosses a threshold. Never an exception for what the telemetry says."""
    raise NotImplementedError
