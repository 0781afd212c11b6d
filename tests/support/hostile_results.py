"""Result files that are made to use much memory or time, of any size."""

from collections.abc import Callable, Mapping

Shape = Callable[[int], bytes]
"""Bytes of the file, at least, to its content."""

_CENTER = '{"status":"COMPLETED","subjectName":"a","testCases":['
_STUDIO = '{"status":"SUCCESS","testCases":['
_PROMPTFOO = '{"results":{"stats":{"successes":1},"results":['
_RUNNERS = {"testing-center": (_CENTER, "]}"), "studio": (_STUDIO, "]}"), "promptfoo": (_PROMPTFOO, "]}}")}
_WIDE = "\N{GRINNING FACE}"
"""A character that makes Python keep four bytes for every character of its text."""


def repeated(head: str, unit: str, tail: str, comma: str = "") -> Shape:
    """One unit again and again."""
    return lambda size: (head + (unit + comma) * (size // len(unit + comma)) + unit + tail).encode()


def numbered(head: str, unit: Callable[[int], str], tail: str, comma: str = "") -> Shape:
    """Units that all differ."""

    def make(size: int) -> bytes:
        units, total, number = [], 0, 0
        while total < size:
            units.append(unit(number))
            total += len(units[-1]) + len(comma)
            number += 1
        return (head + comma.join(units) + tail).encode()

    return make


def _json_shapes() -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    for runner, (head, tail) in _RUNNERS.items():
        shapes |= {
            f"{runner}, many empty cases": repeated(head, "{}", tail, ","),
            f"{runner}, a case of empty lists": repeated(head + '{"x":[', "[]", "]}" + tail, ","),
            f"{runner}, a long text": repeated(head + '{"testNumber":"' + _WIDE, "x", '"}' + tail),
            f"{runner}, many checks": repeated(head, _CHECKED, tail, ","),
        }
    return shapes


_CHECKED = '{"testNumber":1,"testResults":[' + ",".join(['{"name":""}'] * 1000) + '],"testScorerResults":[]}'

JSON: Mapping[str, Shape] = _json_shapes() | {
    "many numbers": repeated(_CENTER, "0.1", "]}", ","),
    "a case of empty objects": repeated(_CENTER + '{"x":[', "{}", "]}]}", ","),
    "a case of many keys": numbered(_CENTER + "{", lambda n: f'"k{n}":0', "}]}", ","),
    "much beside the cases": repeated(_CENTER + '],"config":[', "[]", "]}", ","),
    "numbers beside the cases": repeated(_CENTER + '],"config":[', "0.1", "]}", ","),
    "a long text beside the cases": repeated(_CENTER + '],"errorMessage":"' + _WIDE, "x", '"}'),
    "many keys beside the cases": numbered(_CENTER + "],", lambda n: f'"k{n}":0', "}", ","),
    "nested lists": repeated(_CENTER, "[", ""),
    "nested objects": repeated(_CENTER, '{"a":', ""),
    "nothing but brackets": repeated("", "[", ""),
    "a long number": repeated("", "1", ""),
    "nested envelopes": repeated("", '{"status":0,"result":', ""),
    "a status of many values": repeated('{"status":[', "[]", '],"subjectName":"a","testCases":[]}', ","),
}

_CASE = "<testsuite><testcase name='a'><failure/>"
XML: Mapping[str, Shape] = {
    "many testcases": repeated("<testsuite>", "<testcase/>", "</testsuite>"),
    "many suites": repeated("<testsuites>", "<testsuite/>", "</testsuites>"),
    "many names of elements": numbered(_CASE, lambda n: f"<e{n}/>", "</testcase></testsuite>"),
    "many names of attributes": numbered(_CASE, lambda n: f"<failure a{n}=''/>", "</testcase></testsuite>"),
    "many prefixes": numbered(_CASE, lambda n: f"<failure xmlns:a{n}='u'/>", "</testcase></testsuite>"),
    "one element of many attributes": numbered("<testsuite ", lambda n: f"a{n}='' ", "/>"),
    "many failures of one testcase": repeated(_CASE, "<failure/>", "</testcase></testsuite>"),
    "a long name": repeated(f"<testsuite><testcase name='{_WIDE}", "x", "'/></testsuite>"),
    "a long comment": repeated(f"<testsuite><!--{_WIDE}", "x", "--></testsuite>"),
    "a long text": repeated(f"{_CASE}<system-out>{_WIDE}", "x y\n", "</system-out></testcase></testsuite>"),
    "many entities": repeated(_CASE + "<system-out>", "&lt;", "</system-out></testcase></testsuite>"),
    "many properties": repeated("<testsuite><properties>", "<property/>", "</properties></testsuite>"),
    "nested suites": repeated("", "<testsuite>", ""),
    "many messages": numbered("<testsuite ", lambda n: f"><testsuite errors='{n}{'9' * 50}' ", "/>"),
}

_FAILED = '{"suite":"smoke","test":"alpha","outcome":"fail","violations":['
LINES: Mapping[str, Shape] = {
    "many empty objects": repeated("", "{}\n", ""),
    "blank lines": repeated("", "\n", ""),
    "one line": repeated('{"suite":"', "x", ""),
    "nested": repeated("", "[" * 1000 + "\n", ""),
    "many unknown tests": numbered("", lambda n: f'{{"suite":"s{n}","test":"a","outcome":"pass"}}\n', ""),
    "many violations": repeated("", _FAILED + ",".join(['{"policy":"p","severity":"low"}'] * 20_000) + "]}\n", ""),
    "many policies": numbered(_FAILED, lambda n: f'{{"policy":"p{n}","severity":"low"}}]}}\n{_FAILED}', "]}"),
}

SHAPES: Mapping[str, Shape] = (
    {f"{name}.json": shape for name, shape in JSON.items()}
    | {f"{name}.xml": shape for name, shape in XML.items()}
    | {f"{name}.jsonl": shape for name, shape in LINES.items()}
)
"""By a name whose suffix is the file's."""
