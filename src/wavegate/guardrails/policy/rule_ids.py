"""The rules whose findings a policy can accept or give another severity."""

LOSSES = frozenset({
    "action/duplicate", "block/duplicate", "confirm/unreadable", "guard/misplaced", "guard/overwritten",
    "guard/parentheses-lost", "guard/text-replaced", "guard/unreadable", "input/overwritten", "key/duplicate",
    "rule/unassigned",
    "statement/dropped", "statement/moved", "tool/duplicate", "tool/reserved-name", "value/parentheses-lost",
})  # fmt: skip
"""What is written and does not take effect; the readers of scripts and planners report it."""

RULE_IDS = LOSSES | frozenset({
    "action/placeholder-target", "action/unknown-effect", "action/unprotected",
    "agent/none", "agent/not-understood", "agent/opaque", "agent/other-planner", "agent/other-script",
    "agent/outside-project",
    "code/without-sharing",
    "escalation/missing", "escalation/unreachable",
    "guard/model-set-variable", "guard/no-default", "guard/undeclared-variable", "guard/unset-variable",
    "input/identity-left-to-model",
    "model/not-allowed", "model/not-stated",
    "permission/all-data", "permission/wider-than-actions",
    "property/other-name", "property/unsupported", "property/vacuous", "property/violated",
    "script/mixed-indentation",
    "secret/in-text", "secret/record-id",
    "topic/undefined", "topic/unguarded-entry",
})  # fmt: skip
"""Every built-in rule, and what the properties report."""

OF_THE_POLICY = frozenset({
    "exception/expired", "exception/unused",
    "policy/ambiguous", "policy/no-file", "policy/not-read", "policy/unknown-name", "policy/unknown-rule",
    "property/unknown", "property/unreadable",
})  # fmt: skip
"""Rules about the policy itself, and what is unknown: no policy accepts their findings."""

ALWAYS_ON = frozenset({"property/violated"})
"""Rules that no policy switches off: that would silence everything that the team requires."""
