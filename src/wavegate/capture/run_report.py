"""What one run of a capture did, as step summary, log lines and warnings. Nothing in it comes from a conversation."""

from collections.abc import Iterator

from wavegate.capture.pull_request import live_sentence, rerun_sentence
from wavegate.capture.values import CaptureResult
from wavegate.text import code, link, markdown, one_line, pluralize


def summary(result: CaptureResult) -> str:
    """The step summary."""
    capture, proposed = result.capture, result.proposed
    place = f", {link(f'#{proposed.number}', proposed.url)}" if proposed else ""
    parts = [f"## Capturing failures in {code(capture.environment, 100)}: {result.name.replace('-', ' ')}{place}"]
    if result.why:
        parts.append(markdown(result.why, 500))
    if capture.tests:
        rows = [
            f"| {code(each.name, 200)} | {each.seen:,} | {each.kind} | {each.severity} |" for each in capture.tests
        ]
        parts.append("\n".join(["| Test | Conversations | Kind | Severity |", "|---|---|---|---|", *rows]))
        parts += [f"{code(each.name, 200)}: {live_sentence(each, capture)}" for each in capture.tests[:1]]
    if found := [f"- {markdown(each, 600)}" for each in notes(result)]:
        parts.append("\n".join(found))
    return "\n\n".join(parts)


def lines(result: CaptureResult) -> Iterator[str]:
    """The log lines."""
    capture, proposed = result.capture, result.proposed
    for test in capture.tests:
        yield f"{test.name}: seen in {pluralize(test.seen, 'conversation')}; {test.kind}, {test.severity}"
        if outcome := rerun_sentence(capture.reruns.get(test.name)):
            yield f"  {outcome.replace('**', '')}"
    yield from (f"  writes {one_line(path, 300)}" for path in sorted(capture.files))
    yield from (f"note: {one_line(each, 600)}" for each in notes(result))
    where = (
        f": {proposed.url}" if proposed else f": {capture.branch}" if result.name in ("local", "unchanged") else ""
    )
    yield f"{'issue opened' if result.name == 'issue' else result.name}{where}"


def notes(result: CaptureResult) -> Iterator[str]:
    """What a person should know, beside the tests."""
    capture = result.capture
    yield from result.proposed.notes if result.proposed else ()
    if result.why:
        yield result.why
    for place, count in sorted(capture.known.items()):
        yield f"{pluralize(count, 'conversation')} failed in a way that has a test already: {place}."
    if result.name == "none":
        counted = pluralize(capture.conversations, "conversation")
        yield f"None of {counted} meets a condition, breaks a policy, or does what the agent must not do."
    if capture.missing:
        yield f"{pluralize(capture.missing, 'named session')} not found in the files."
    if capture.harmless:
        yield (
            f"{pluralize(capture.harmless, 'selected conversation')} without a violation"
            f"{f', {capture.unknown} of which are not known completely' if capture.unknown else ''}."
        )
    if capture.unchecked:
        yield f"{pluralize(capture.unchecked, 'conversation')} without a record of what would show a failure."
    if capture.unshown:
        yield f"{pluralize(capture.unshown, 'failed conversation')} no longer showing it without personal data."
    if capture.nameless:
        yield f"{pluralize(capture.nameless, 'failed conversation')} of an unknown agent: name it with --agent."
    if capture.postponed:
        yield f"{pluralize(capture.postponed, 'test')} over the limit: capture again after the merge."
    yield from capture.names
    yield from (f"{path} was edited on the branch and kept as it is." for path in result.kept)
