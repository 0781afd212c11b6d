"""Findings as SARIF 2.1.0, within the limits of GitHub code scanning.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0; docs.github.com "SARIF support for code scanning".
"""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from wavegate import __version__
from wavegate.findings.as_text import SourceLine
from wavegate.findings.finding import Finding, Severity
from wavegate.text import JOINER, visible

_HOME = "https://github.com/wavegate/wavegate"
_MAX_RESULTS = 5_000
"""Results per run that code scanning shows."""
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


def sarif_report(findings: Sequence[Finding], source_line: SourceLine) -> str:
    """One run with the first 5,000 findings, in the given order."""
    shown = findings[:_MAX_RESULTS]
    rules = {each.rule: each for each in reversed(shown)}
    index = {rule: position for position, rule in enumerate(sorted(rules))}
    seen: Counter[str] = Counter()
    results = [
        _result(each, index[each.rule], _fingerprint(each, source_line(each.location), seen)) for each in shown
    ]
    driver = {
        "name": "wavegate",
        "version": __version__,
        "informationUri": _HOME,
        "rules": [_rule(rules[rule]) for rule in index],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def help_address(rule: str) -> str:
    """The page that explains a rule. rule: its stable id."""
    return f"{_HOME}/blob/main/docs/reference/rules.md#{rule.replace('/', '')}"


def _rule(example: Finding) -> dict[str, Any]:
    title = example.rule.replace("/", ": ").replace("-", " ").capitalize()
    return {
        "id": example.rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "helpUri": help_address(example.rule),
        "help": {"text": _plain(example.fix)},
        "defaultConfiguration": {"level": _LEVEL[example.severity]},
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    place = finding.location
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": _plain(f"{finding.message} {finding.fix}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.file), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }


def _plain(text: str) -> str:
    """The text without links: SARIF reads `[text](address)` as a link even in a plain message."""
    return visible(text).replace("](", f"]{JOINER}(")


def _fingerprint(finding: Finding, line: str | None, seen: Counter[str]) -> str:
    """A fingerprint that survives changes to the lines above, and that differs for identical mistakes."""
    subject = "\n".join((finding.rule, finding.location.file, (line or "").strip()))
    digest = sha256(subject.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
