"""`wavegate guardrails prove`: does a property hold in every conversation?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import CommitId, Many, ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.source import Source
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.policy.read import read_policy
from wavegate.guardrails.policy.stated.read import StatedProperty, read_stated, stated
from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.as_json import proofs_json
from wavegate.guardrails.prove.as_markdown import proofs_markdown
from wavegate.guardrails.prove.as_text import proofs_text
from wavegate.guardrails.prove.checker import prove
from wavegate.guardrails.prove.proof import MAX_SECONDS, Bounds, Proof, ProofVerdict
from wavegate.guardrails.read import read_guardrails
from wavegate.guardrails.source import source_of
from wavegate.release.policy.values import PropertyLine
from wavegate.text import one_line

_FORMS = {"text": proofs_text, "markdown": proofs_markdown, "json": proofs_json}
_HERE = Location(file="--property")


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailsProveOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    commit: str | None
    property: tuple[str, ...]
    agent: str
    format: ReportFormat


@click.command(name="guardrails-prove")
@root_option()
@manifest_option("every one under agentforce/")
@click.option("--commit", type=CommitId(), show_default="the checked-out files", help="Commit to read. Its full SHA.")
@click.option(
    "--property",
    cls=Many,
    metavar="PROPERTY",
    show_default="those of the policy",
    help='What must hold, such as "never waive_fine before member_ok is True".',
)
@click.option("--agent", metavar="NAME", default="", show_default="every agent", help="The agent to look at.")
@format_option
@takes(GuardrailsProveOptions)
def command(options: GuardrailsProveOptions) -> int:
    """Prove properties of agents for all conversations, or refute them by the shortest one.

    The exit code is 1 if a property is refuted, and 5 if one could not be decided or is about nothing.
    """
    source = source_of(options.root, options.commit)
    guardrails = read_guardrails(source)
    _check_agent(options.agent, guardrails)
    properties = _asked(options, guardrails) if options.property else _of_policy(options, source, guardrails)
    proofs = list(_proofs(properties, guardrails, options.agent))
    if not proofs:
        raise InputError("There is no property to prove.", fix="Name one with --property, or in the policy.")
    print_report(_FORMS[options.format](proofs), options.format)
    _report_to_runner(proofs)
    return int(_exit_code(proofs))


def _asked(options: GuardrailsProveOptions, guardrails: Guardrails) -> Iterator[StatedProperty]:
    """The properties of the command line with their agents. Errors: InputError."""
    if options.agent and options.agent not in guardrails.agents:
        raise _no_agent(options.agent, guardrails, _HERE)
    for text in options.property:
        found = parse_property(text)
        if isinstance(found, UnreadableProperty):
            message = f"`{one_line(text, 200)}`, column {found.column}: {one_line(found.message)}"
            raise InputError(message, fix=found.fix)
        line = PropertyLine(text=text, agent=options.agent, reason="", severity=Severity.ERROR, location=_HERE)
        result = stated(line, found, guardrails)
        if not isinstance(result, StatedProperty):
            raise _input_error(result)
        yield result


def _check_agent(name: str, guardrails: Guardrails) -> None:
    if name and name not in guardrails.agents:
        known = ", ".join(f"`{one_line(each, 100)}`" for each in guardrails.agents) or "none"
        raise InputError(f"There is no agent `{one_line(name, 100)}`.", fix=f"The project's agents: {known}.")


def _of_policy(options: GuardrailsProveOptions, source: Source, guardrails: Guardrails) -> Sequence[StatedProperty]:
    """The properties of the project's policy with their agents. Errors: InputError."""
    read = read_policy(source, options.manifest)
    properties, problems = read_stated(read.policy, guardrails, read.texts)
    errors = [each for each in (*read.findings, *problems) if each.severity is Severity.ERROR]
    if errors:
        raise _input_error(errors)
    for each in properties:
        if not each.agents:
            raise _no_agent(each.line.agent, guardrails, each.line.location)
    return properties


def _no_agent(name: str, guardrails: Guardrails, place: Location) -> InputError:
    known = ", ".join(f"`{one_line(name, 100)}`" for name in guardrails.agents) or "none"
    message, fix = f"There is no agent `{one_line(name, 100)}`.", f"The project's agents: {known}."
    return _at(place, message, fix)


def _input_error(findings: Iterable[Finding]) -> InputError:
    first, *_ = findings
    return _at(first.location, first.message, first.fix)


def _at(place: Location, message: str, fix: str) -> InputError:
    if place.file == _HERE.file:
        return InputError(message, fix=fix)
    return InputError(message, fix=fix, file=place.file, line=place.line, column=place.column)


def _proofs(properties: Iterable[StatedProperty], guardrails: Guardrails, agent: str) -> Iterator[Proof]:
    for each in properties:
        for name in each.agents:
            if agent in ("", name):
                proof = prove(guardrails.agents[name], each.property, _bounds())
                companions = tuple(replace(companion, agent=name) for companion in proof.companions)
                yield replace(proof, agent=name, companions=companions)


def _bounds() -> Bounds:
    end = monotonic() + MAX_SECONDS
    return Bounds(late=lambda: monotonic() > end)


def _exit_code(proofs: Iterable[Proof]) -> ExitCode:
    verdicts = {proof.verdict for proof in proofs}
    if ProofVerdict.REFUTED in verdicts:
        return ExitCode.FAIL
    return ExitCode.OK if verdicts == {ProofVerdict.PROVED} else ExitCode.INCONCLUSIVE


def _report_to_runner(proofs: Sequence[Proof]) -> None:
    """Outputs and summary in Actions."""
    counts = Counter(proof.verdict for proof in proofs)
    undecided = counts[ProofVerdict.VACUOUS] + counts[ProofVerdict.UNKNOWN]
    verdict = "refuted" if counts[ProofVerdict.REFUTED] else "inconclusive" if undecided else "proved"
    numbers = {"proved": counts[ProofVerdict.PROVED], "refuted": counts[ProofVerdict.REFUTED], "undecided": undecided}
    runner.set_outputs({"verdict": verdict, **{name: str(number) for name, number in numbers.items()}})
    runner.add_summary(proofs_markdown(proofs))
