"""What the elements, attributes and statuses of JUnit XML mean here. What is in no table is not a pass.

Source: the files that the producers under tests/producers write, the schema of Maven Surefire, and the published
formats of GoogleTest, PHPUnit, cargo-nextest and Ginkgo.
"""

from collections.abc import Mapping

from wavegate.evidence.observation import Outcome

SUITES = frozenset({"testsuites", "testsuite"})

# a test that passes on a retry has failed before: retrying until it passes is not a pass
OUTCOMES: Mapping[str, Outcome] = {
    "failure": Outcome.FAIL,
    "rerunFailure": Outcome.FAIL,
    "flakyFailure": Outcome.FAIL,
    "error": Outcome.ERROR,
    "rerunError": Outcome.ERROR,
    "flakyError": Outcome.ERROR,
    "skipped": Outcome.ERROR,
    "warning": Outcome.ERROR,
}
"""Element of a testcase, to the outcome that it proves."""

HARMLESS = frozenset({"properties", "system-out", "system-err"})
"""Elements of a suite or testcase that describe it and say nothing about its outcome."""

INSIDE: Mapping[str, frozenset[str]] = {"properties": frozenset({"property"})}
"""Elements that may stand inside another harmless one. The others hold text. The content of a failure is not read."""

CASE_ATTRIBUTES = frozenset({
    "assertions", "class", "classname", "file", "filename", "hostname", "id", "line", "lineno", "name", "package",
    "time", "timestamp", "type_param", "url", "value_param",
})  # fmt: skip
"""Attributes of a testcase that say nothing about its outcome."""

STATUSES: Mapping[str, frozenset[str]] = {
    "status": frozenset(
        {"", "run", "pass", "passed", "ok", "success", "successful", "succeeded", "completed", "executed"}
    ),
    "result": frozenset({"", "pass", "passed", "ok", "success", "successful", "succeeded", "completed"}),
    "success": frozenset({"", "true"}),
}
"""Attributes of a testcase that state its outcome, to the values, in lower case, that do not contradict a pass."""

UNASSERTED: Mapping[str, frozenset[str]] = {"assertions": frozenset({"0"})}
"""Attributes of a testcase, to the values of one that ran without judging anything."""

SCHEMA = frozenset(
    f"http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("noNamespaceSchemaLocation", "schemaLocation")
)
"""Attributes of a suite that name the document's schema."""

SUITE_ATTRIBUTES = frozenset({
    "assertions", "file", "hostname", "id", "name", "package", "random_seed", "time", "timestamp", "uuid", "version",
})  # fmt: skip
"""Attributes of a suite that count nothing."""

COUNTS: Mapping[str, str] = {
    "tests": "tests",
    "failures": "failed",
    "errors": "failed",
    "skipped": "skipped",
    "disabled": "skipped",
    "warnings": "failed",
    "flakes": "failed",
}
"""Counts that a suite declares, to what must be found in it."""
