"""Has the CLI convert a staged release, and reads what it wrote."""

import tempfile
from pathlib import Path

from wavegate.components.metadata import parse_xml
from wavegate.components.package_file import NAME as PACKAGE
from wavegate.components.package_file import read_package
from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Location, error
from wavegate.salesforce.cli import Cli
from wavegate.staging.check import ConvertedPackage, package_findings
from wavegate.staging.values import StagedRelease


def converted_findings(stage: StagedRelease, cli: Cli, *, file: str) -> tuple[Finding, ...]:
    """How the package that the CLI makes of a staged release differs from its plan, or why it makes none: as errors.

    file: where findings point to. ServiceError: the CLI cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        output = Path(folder) / "package"
        try:
            cli.convert(stage.package, output, folder=stage.folder)
        except InputError as problem:
            return (error("stage/rejected", Location(file=file), problem.message, problem.fix),)
        return package_findings(stage.members, _read(output), file=file)


def _read(output: Path) -> ConvertedPackage:
    files = sorted(path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())
    agents = (path for path in files if path.startswith("bots/") and path.endswith(".bot"))
    return ConvertedPackage(
        members=read_package(output).members,
        files=tuple(path for path in files if path != PACKAGE),
        versions={Path(path).stem: _versions(output / path) for path in agents},
    )


def _versions(agent: Path) -> tuple[str, ...]:
    root = parse_xml(agent.read_bytes(), path=agent.name)
    return tuple(each.value("fullName") for each in root.all("botVersions"))
