"""The signals with a meaning of their own, and what a canary is judged by whose manifest names no metrics."""

from wavegate.release.manifest import CanaryMetric

SUCCESS = "taskSuccess"
ESCALATION = "escalationRate"
LATENCY = "latencyP95"
VOLUME = "volume"
VIOLATIONS = "violations"
"""Every other name is that of a business metric."""

USUAL_METRICS = (
    CanaryMetric(name=SUCCESS, direction="decrease", margin=0.05),
    CanaryMetric(name=ESCALATION, direction="increase", margin=0.03),
    CanaryMetric(name=LATENCY, direction="increase", margin_ratio=1.2),
    CanaryMetric(name=VOLUME, guard=True),
)
"""As far as the source supplies them."""
