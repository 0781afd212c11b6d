"""Test definitions and test specs, in the form that npm @salesforce/agents writes."""

from collections.abc import Sequence

from tests.support.sources import xml


def test_case(number: object, utterance: str = "Please close my case.") -> str:
    """One `testCase` element; without `number` for None."""
    numbered = "" if number is None else f"<number>{number}</number>"
    expectation = "<expectation><expectedValue>Cases</expectedValue><name>topic_sequence_match</name></expectation>"
    return f"<testCase>{expectation}<inputs><utterance>{utterance}</utterance></inputs>{numbered}</testCase>\n"


test_case.__test__ = False  # type: ignore[attr-defined]


def definition(
    numbers: Sequence[object] | int, *, type_: str = "AiEvaluationDefinition", version: str = "v3", more: str = ""
) -> str:
    """The metadata XML of a definition with these case numbers, or with as many cases. version: '' for none."""
    cases = "".join(map(test_case, range(1, numbers + 1) if isinstance(numbers, int) else numbers))
    pinned = f"<subjectVersion>{version}</subjectVersion>" if version else ""
    subject = f"<subjectName>Support_Agent</subjectName><subjectType>AGENT</subjectType>{pinned}"
    return xml(type_, f"\n<name>any</name>{subject}\n{cases}{more}")


def definition_path(name: str, type_: str = "AiEvaluationDefinition") -> str:
    """Where a definition is, below a package directory."""
    stem = type_[0].lower() + type_[1:]
    return f"{stem}s/{name}.{stem}-meta.xml"


def spec(name: str, cases: int = 2, *, inputs: int = 0, version: str = "v3") -> str:
    """The YAML of a test spec. inputs: of each of its cases, for Agentforce Studio; 0 for Testing Center."""
    one = "  - utterance: Please close my case.\n    expectedTopic: Cases\n    expectedActions: []\n"
    if inputs:
        lines = "".join(f"      - utterance: Question {number}\n" for number in range(inputs))
        one = f"  - inputs:\n{lines}    scorers:\n      - name: coherence\n"
    pinned = f"subjectVersion: {version}\n" if version else ""
    head = f"name: {name}\nsubjectType: AGENT\nsubjectName: Support_Agent\n{pinned}testCases:"
    return f"{head}\n{one * cases}" if cases else f"{head} []\n"
