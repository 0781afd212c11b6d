"""Prepares a capture: reads the base, makes tests of the failures, and determines the files that change."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from wavegate.capture.asked import pack_path, selection_of, stated_by
from wavegate.capture.compose import Composed, compose_tests
from wavegate.capture.failures import find_failures
from wavegate.capture.known import captured_before
from wavegate.capture.options import CaptureOptions
from wavegate.capture.pack_edit import edit_pack, new_pack
from wavegate.capture.redacting import RedactedFailure, redact_failures
from wavegate.capture.spec import recorded_path, spec_path, write_spec
from wavegate.capture.values import Capture, CapturedBefore, CapturedTest, FoundFailures, LiveVersions, Stated
from wavegate.components.project import read_project
from wavegate.conversations.own_names import known_names, with_own_names
from wavegate.conversations.read import ReadConversations
from wavegate.errors import InputError
from wavegate.files.source import Source
from wavegate.findings.finding import Severity
from wavegate.release.folder import committed_pack_paths
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.pack import Pack
from wavegate.release.reading import committed_manifest, committed_packs, read_committed
from wavegate.rollback.plan import unique_slug
from wavegate.smoke.policies import Search
from wavegate.text import one_line, pluralize

TRAILER = "Wavegate-Capture"
"""Git trailer of wavegate's commits on such a branch. A commit without it is by somebody else."""
BRANCHES = "wavegate/capture/"
MAX_TESTS = 50
"""Tests of one pull request, which a person has to read."""


@dataclass(frozen=True, kw_only=True)
class CaptureBase:
    """What the tests are added to. packs: of the checkout. own: the pack that gets them, None if it is new."""

    source: Source
    manifest: Manifest
    environment: Environment
    packs: tuple[Pack, ...]
    pack: str
    own: Pack | None
    before: tuple[CapturedBefore, ...]


def read_capture_base(source: Source, options: CaptureOptions) -> CaptureBase:
    """The manifest, the packs and the captured tests of a checkout or commit. Raises InputError."""
    manifest, path = committed_manifest(source, options.manifest), pack_path(options)
    paths = source.paths()
    listed = committed_pack_paths(paths)
    packs = committed_packs(source, [*listed, *([path] if path in paths and path not in listed else [])])
    own = next((each for each in packs if each.path == path), None)
    if own is None and (other := next((each for each in packs if each.suite == _stem(path)), None)):
        raise InputError(
            f"The pack {one_line(other.suite, 100)} is in {one_line(other.path, 200)}, not in {path}.",
            fix=f"Add the tests to it with --pack {one_line(other.path, 200)}, or choose another name.",
            file=other.path,
        )
    return CaptureBase(
        source=source,
        manifest=manifest,
        environment=environment_of(manifest, options.environment)
        if options.environment
        else manifest.environments[-1],
        packs=packs,
        pack=path,
        own=own,
        before=captured_before(source),
    )


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The failures among conversations, redacted. stated: a person's words, redacted as well.

    names: what names of the conversations are not the project's, in sentences.
    """

    conversations: ReadConversations
    found: FoundFailures
    redacted: tuple[RedactedFailure, ...]
    stated: Stated
    names: tuple[str, ...] = ()


def redacted_failures(options: CaptureOptions, base: CaptureBase, read: ReadConversations, search: Search) -> Failed:
    """The failures that the options select. InputError: those that are
    selected violate nothing, so that a test would prove nothing; or what was not read may have failed."""
    stated = stated_by(options)
    selection = selection_of(options, stated, base.packs)
    known = known_names(read_project(base.source), base.manifest, base.packs, stated.expected)
    named = with_own_names(read.conversations, known)
    found = find_failures(named.conversations, selection, stated, search)
    if not found.failures and not _none_failed(found, read, options):
        raise _nothing_failed(found, read)
    redacted, stated = redact_failures(found.failures, stated)
    return Failed(conversations=read, found=found, redacted=redacted, stated=stated, names=tuple(named.notes))


def prepare_capture(
    options: CaptureOptions,
    base: CaptureBase,
    failed: Failed,
    search: Search,
    *,
    live: LiveVersions | None = None,
    pending: Sequence[CapturedBefore] = (),
) -> Capture:
    """The tests, and the files that change. pending: captured tests of open pull requests.

    InputError: no failure can be shown, or the pack cannot be edited.
    """
    agents = [each.name for each in base.manifest.agents]
    composed = compose_tests(
        failed.redacted,
        stated=failed.stated,
        agent=options.agent or (agents[0] if len(agents) == 1 else ""),
        before=(*base.before, *pending),
        policies=base.own.policies if base.own else (),
        live=live.versions if live else {},
        search=search,
    )
    if failed.redacted and not (composed.tests or composed.known):
        raise _nothing_shown(composed)
    taken = {test.name for pack in base.packs for test in pack.tests}
    tests = tuple(each for each in composed.tests if each.name not in taken)[:MAX_TESTS]
    in_packs = sum(each.seen for each in composed.tests if each.name in taken)
    found = failed.found
    return Capture(
        environment=base.environment.name,
        manifest=base.manifest,
        pack=base.pack,
        suite=base.own.suite if base.own else _stem(base.pack),
        tests=tests,
        files=_files(base, tests),
        stated=failed.stated,
        known={**composed.known, **({base.pack: in_packs} if in_packs else {})},
        postponed=len(composed.tests) - len(tests) - sum(each.name in taken for each in composed.tests),
        conversations=len(failed.conversations.conversations),
        harmless=found.harmless,
        unknown=found.unknown,
        unchecked=found.unchecked,
        missing=found.missing,
        unshown=composed.unshown,
        nameless=composed.nameless,
        unreadable=len(failed.conversations.problems),
        names=failed.names,
        live=live,
        branch=_branch(base, tests),
    )


def _files(base: CaptureBase, tests: Sequence[CapturedTest]) -> Mapping[str, bytes]:
    if not tests:
        return {}
    if base.own:
        pack = edit_pack(read_committed(base.source, base.pack), pack=base.own, tests=tests)
    else:
        pack = new_pack(base.pack, tests)
    files = {base.pack: pack}
    for test in tests:
        files[spec_path(test)] = write_spec(test).encode()
        files[recorded_path(test)] = msgspec.json.encode(test.recorded) + b"\n"
    existing = set(base.source.paths())
    for path in files:
        if path != base.pack and path in existing:
            raise InputError(
                f"{path} exists already, but it is not the test of this failure.", fix="Rename or delete it."
            )
    return files


def trailer(tests: Sequence[CapturedTest]) -> str:
    """The trailer line that marks a commit as wavegate's, for this set of tests."""
    return f"{TRAILER}: {_digest(tests)}"


def commit_message(capture: Capture) -> str:
    """Message of the commit. It contains no untrusted text, which could mention people or close issues."""
    title = f"Add {pluralize(len(capture.tests), 'test')} of failures in production"
    return f"{title}\n\n{trailer(capture.tests)}\n"


def _branch(base: CaptureBase, tests: Sequence[CapturedTest]) -> str:
    return f"{BRANCHES}{unique_slug(_stem(base.pack))}-{_digest(tests)}"


def _digest(tests: Sequence[CapturedTest]) -> str:
    return hashlib.sha256("\n".join(sorted(each.name for each in tests)).encode()).hexdigest()[:12]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _none_failed(found: FoundFailures, read: ReadConversations, options: CaptureOptions) -> bool:
    """Whether no conversation is a failure by what selects them, and all of them could be read and checked."""
    is_whole = read.conversations and not any(each.severity is Severity.ERROR for each in read.problems)
    return bool(is_whole) and not (options.session or found.harmless or found.unchecked)


def _nothing_failed(found: FoundFailures, read: ReadConversations) -> InputError:
    counted = pluralize(len(read.conversations), "conversation")
    if not read.conversations:
        fix = "Pass files of recorded conversations; the problems above say what is wrong with these."
        return InputError("There is no conversation to read.", fix=fix)
    if found.missing and not found.harmless:
        return InputError(
            f"None of the named sessions is among {counted}.", fix="Check the ids, and that the export contains them."
        )
    if found.unknown:
        return InputError(
            f"Nothing is violated in {pluralize(found.harmless, 'selected conversation')}; in {found.unknown} of "
            "them, something is unknown: not recorded, or an action that the project does not have.",
            fix="Export the sessions with their actions and topics, or state what the recorded part violates.",
        )
    if found.harmless:
        return InputError(
            f"Nothing is violated in {pluralize(found.harmless, 'selected conversation')}: a test that passes on "
            "what happened proves nothing.",
            fix="Say what should have happened instead, with --expect-topic, --expect-action, --forbid-action, "
            "--must-say or --must-not-say.",
        )
    if found.unchecked:
        return InputError(
            f"No failure is among {counted}, but {found.unchecked} of them do not record what would show one.",
            fix="Export the sessions with their actions and their end, or name those that failed with --session.",
        )
    return InputError(
        f"No failure is among {counted}, but not everything could be read.",
        fix="Correct the files first: the problems above say what is wrong with them.",
    )


def _nothing_shown(composed: Composed) -> InputError:
    if composed.nameless:
        return InputError(
            "The agent of the failed conversations is unknown: they do not name it, and the manifest does not have "
            "exactly one.",
            fix="Name it with --agent.",
        )
    return InputError(
        "Without personal data, the conversations no longer show what failed: the violation is in what was removed, "
        "or no user said anything before it.",
        fix="State the failure by what stays, such as an action or a topic.",
    )
