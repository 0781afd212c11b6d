"""The rules whose findings a policy can accept or give another severity."""

RULE_IDS = frozenset({
    "action/placeholder-target", "action/unknown-effect", "action/unprotected",
    "agent/not-understood", "agent/opaque",
    "code/without-sharing",
    "escalation/missing", "escalation/unreachable",
    "guard/model-set-variable", "guard/no-default", "guard/undeclared-variable", "guard/unset-variable",
    "input/identity-left-to-model",
    "model/not-allowed", "model/not-stated",
    "permission/all-data", "permission/wider-than-actions",
    "property/unknown", "property/vacuous", "property/violated",
    "script/mixed-indentation",
    "secret/in-text", "secret/record-id",
    "topic/unguarded-entry",
})  # fmt: skip
"""Every built-in rule, and what the properties report. Losses are added by `known_rules`."""
