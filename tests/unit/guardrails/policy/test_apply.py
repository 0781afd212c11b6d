"""Other severities, and findings that are accepted until a day."""

from datetime import date

from tests.support.policies import policy_in

from wavegate.findings.finding import Location, Severity
from wavegate.guardrails.policy.apply import apply_policy, rule_findings
from wavegate.guardrails.policy.scoped import RuleScope

TODAY = date(2026, 11, 27)
FOUND = RuleScope(agent="Library_Desk", topic="fines", tool="waive_fine").warning(
    "action/unprotected", Location("a.agent", 3, 5), "Unprotected.", "Guard it."
)
ACCEPTED = 'exceptions: [{{rule: {rule}, {where}reason: known, owner: "@acme/agents", expires: {day}}}]\n'


def rules(text: str) -> list[tuple[str, Severity]]:
    return [(each.rule, each.severity) for each in apply_policy([FOUND], policy_in(text), today=TODAY)]


def accepted(where: str = "", *, rule: str = "action/unprotected", day: str = "2026-12-31") -> list[str]:
    return [rule for rule, _ in rules(ACCEPTED.format(rule=rule, where=where, day=day))]


def test_a_rule_gets_the_severity_of_the_policy() -> None:
    assert rules("rules: {action/unprotected: error}") == [("action/unprotected", Severity.ERROR)]
    assert rules("rules: {action/unprotected: off}") == []
    assert rules("rules: {agent/opaque: error}") == [("action/unprotected", Severity.WARNING)]


def test_an_exception_accepts_what_it_names() -> None:
    assert accepted() == []
    assert accepted("agent: Library_Desk, topic: fines, tool: waive_fine, ") == []


def test_an_exception_for_something_else_accepts_nothing_and_is_reported() -> None:
    for where in ("agent: Other, ", "topic: other, ", "agent: Library_Desk, tool: other, "):
        assert accepted(where) == ["action/unprotected", "exception/unused"]
    assert accepted(rule="agent/opaque") == ["action/unprotected", "exception/unused"]


def test_an_exception_holds_through_its_last_day() -> None:
    assert accepted(day="2026-11-27") == []
    assert accepted(day="2026-11-26") == ["exception/expired", "action/unprotected"]


def test_a_rule_that_nobody_knows_is_an_error_where_it_is_named() -> None:
    policy = policy_in("rules:\n  action/unprotcted: off\n" + ACCEPTED.format(rule="x/y", where="", day="2026-12-31"))
    assert [(each.rule, each.location.line) for each in rule_findings(policy)] == [
        ("policy/unknown-rule", 2),
        ("policy/unknown-rule", 3),
    ]


def test_no_policy_silences_its_properties_or_its_own_mistakes() -> None:
    for setting in ("property/violated: off", "property/unknown: warning", "policy/no-file: off"):
        policy = policy_in(f"rules: {{{setting}}}")
        rule = setting.partition(":")[0]
        found = RuleScope(agent="Desk").error(rule, Location("a.agent", 3, 5), "Not so.", "Correct it.")
        assert [(each.rule, each.severity) for each in apply_policy([found], policy, today=TODAY)] == [
            (rule, Severity.ERROR)
        ]
        (refused,) = rule_findings(policy)
        assert (refused.rule, refused.location.line) == ("policy/unknown-rule", 1)
        assert f"`{rule}` cannot be switched off" in refused.message
    assert not list(rule_findings(policy_in("rules: {property/violated: warning}")))


def test_no_exception_accepts_that_something_is_unknown() -> None:
    policy = policy_in(ACCEPTED.format(rule="property/unknown", where="", day="2026-12-31"))
    found = RuleScope(agent="Desk").warning("property/unknown", Location("a.agent", 3, 5), "Unknown.", "Simplify it.")
    assert [each.rule for each in apply_policy([found], policy, today=TODAY)] == ["property/unknown"]
    assert [each.message for each in rule_findings(policy)] == [
        "No exception can accept the findings of `property/unknown`."
    ]
