"""The Salesforce CLI, `sf`: checking its version, converting a project, and starting a deployment.

It gets the org's token through an environment variable, never as an argument. It gets a temporary home folder,
because it records the name of the org that it deployed to, and the token serves as that name. Its exit codes are not
trusted; its JSON is.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from wavegate.child_environment import for_salesforce_cli
from wavegate.errors import InputError, ServiceError, UncertainError
from wavegate.salesforce.cli_process import INSTALL, LEAST_CLI, LEAST_NODE, run_sf
from wavegate.salesforce.rest import Session
from wavegate.salesforce.script_errors import NO_ANSWER, check_script
from wavegate.text import one_line

_FIXED = {
    "SF_ORG_METADATA_REST_DEPLOY": "true",  # SOAP does not accept tokens in JWT form
    "SF_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_USE_PROGRESS_BAR": "false",
    "NO_COLOR": "1",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",  # its keys belong into its own home folder as well
}
_JWT = re.compile(r"eyJ[\w+=-]+\.[\w+=-]+\.[\w+=-]+")
"""A token that the CLI does not take in place of an org's name, unlike an opaque one. Source: sfdc.js of its core."""
_PASSING = re.compile(rf"{NO_ANSWER}|\bTypeError\b")
_OF_PROJECT = frozenset({"ConversionError", "TypeInferenceError", "UnexpectedValueTypeError"})
"""Errors that the CLI raises while it reads the project, before it sends anything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """What to deploy. package: its manifest. before, after: manifests of what to delete before and after it.

    test_level: as the CLI names it; None leaves it to the org. tests: names of Apex test classes. folder: of the
    Salesforce project; None for the CLI's own. check_only: validate it, without changing the org.
    """

    package: Path
    before: Path | None = None
    after: Path | None = None
    test_level: str | None = None
    tests: tuple[str, ...] = ()
    folder: Path | None = None
    check_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cli:
    """The CLI. session: of the org; None where no command needs one. folder: of the Salesforce project.

    home: a folder for the CLI's own files. variables: names of environment variables that the project's
    `replacements` read: the CLI gets them, whatever they are named. extra_environment: more of them, with
    their values; wavegate's own variables take precedence.
    """

    session: Session | None
    folder: Path
    home: Path
    variables: frozenset[str] = frozenset()
    extra_environment: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> str:
        """Its version. InputError: it is missing, or it or its Node.js is too old."""
        answer = self.run(["version"], offline=True)
        found = re.search(r"@salesforce/cli/(\d+)\.[\w.-]+", str(answer.get("cliVersion", "")))
        node = re.search(r"v(\d+)", str(answer.get("nodeVersion", "")))
        if not found or int(found[1]) < LEAST_CLI:
            raise InputError(
                f"The `sf` on the PATH is not version {LEAST_CLI} or newer of the Salesforce CLI.", fix=INSTALL
            )
        if not node or int(node[1]) < LEAST_NODE:
            version = one_line(str(answer.get("nodeVersion", "unknown")), 40)
            raise InputError(
                f"The Salesforce CLI runs on Node.js {version} but needs {LEAST_NODE} or newer.",
                fix=f"Add actions/setup-node with node-version {LEAST_NODE} or newer before this step.",
            )
        return found[0]

    def start_deploy(self, upload: Upload) -> str:
        """Start a deployment, and return the id of its job.

        InputError: the CLI or the org rejected it, or the CLI found nothing of the package in the project.
        UncertainError: it may have been started.
        """
        arguments = ["project", "deploy", "start", "--async", "--ignore-conflicts"]
        arguments += ["--manifest", str(upload.package)]
        for flag, path in (("pre", upload.before), ("post", upload.after)):
            if path:
                arguments += [f"--{flag}-destructive-changes", str(path)]
        if upload.test_level:
            arguments += ["--test-level", upload.test_level]
        for test in upload.tests:
            arguments += ["--tests", test]
        if upload.check_only:
            # `project deploy validate` is the same, but cannot leave the tests to the org
            arguments.append("--dry-run")
        return self._job_id("start", self.run(arguments, folder=upload.folder))

    def start_quick_deploy(self, validation: str) -> str:
        """Deploy what a job validated, without running its tests again, and return the id of the new job.

        InputError: the org does not accept it (any more). UncertainError: it may have been started.
        """
        return self._job_id("quick", self.run(["project", "deploy", "quick", "--async", "--job-id", validation]))

    def _job_id(self, command: str, answer: Mapping[str, Any]) -> str:
        result = answer.get("result")
        job_id = result.get("id") if isinstance(result, dict) else None
        if isinstance(job_id, str) and re.fullmatch(r"0Af\w{12,15}", job_id):
            return job_id
        raise self._failure(command, answer)

    def convert(self, package: Path, output: Path, *, folder: Path | None = None) -> None:
        """Write what a deployment of a package manifest would send to the folder output, without any org.

        folder: of the Salesforce project; None for the CLI's own. `replacements` are not applied, so no
        value of a variable is written. InputError: the CLI cannot read the project. ServiceError: any other failure.
        """
        arguments = ["project", "convert", "source", "--manifest", str(package), "--output-dir", str(output)]
        answer = self.run(arguments, folder=folder, offline=True)
        if not isinstance(answer.get("result"), dict) or answer.get("status") != 0:
            name, detail = self.reason(answer)
            message = f"The Salesforce CLI cannot read the staged release: {name} {detail}."
            raise InputError(
                message, fix="Correct the file that it names, or leave its component out of the release."
            )

    def publish(self, script: str, *, file: str) -> None:
        """Publish an Agent Script of the project as a new version of its agent.

        script: its API name. file: its path, for messages. InputError: it was refused. UncertainError: it may have
        been published; after any error the org has to be asked, since the CLI does more once the version exists.
        """
        self._run_script("publish", script, file, "--skip-retrieve")

    def validate(self, script: str, *, file: str) -> None:
        """Compile an Agent Script without publishing it. ServiceError: it could not be compiled now."""
        self._run_script("validate", script, file)

    def _run_script(self, task: str, script: str, file: str, *flags: str) -> None:
        answer = self.run(["agent", task, "authoring-bundle", "--api-name", script, *flags])
        check_script(answer, task=f"`sf agent {task}`", script=script, file=file, clean=self._masked)

    def reason(self, answer: Mapping[str, Any]) -> tuple[str, str]:
        """The name of the error in an answer, and its words on one line without a period at the end."""
        result = answer.get("result")
        status = result.get("status") if isinstance(result, dict) else None
        detail = self._masked(str(answer.get("message") or status or "it gave no reason"))
        return one_line(str(answer.get("name", "")), 60), one_line(detail, 400).rstrip(". ")

    def _failure(self, command: str, answer: Mapping[str, Any]) -> InputError | ServiceError:
        name, detail = self.reason(answer)
        reason = f"{name} {detail}."
        if name not in _OF_PROJECT and _PASSING.search(f"{name} {detail} {answer.get('cause', '')}"):
            message = f"`sf project deploy {command}` failed, maybe after starting the deployment: {reason}"
            return UncertainError(message, fix="Run the command again: it looks for the deployment first.")
        message = f"`sf project deploy {command}` did not start a deployment: {reason}"
        return InputError(message, fix="Fix the problem that it reports, and run the command again.")

    def _masked(self, text: str) -> str:
        return text.replace(self.session.access_token, "***") if self.session else text

    def run(self, arguments: Sequence[str], *, folder: Path | None = None, offline: bool = False) -> dict[str, Any]:
        """Run a command and return its JSON, whatever its exit code. offline: without the org's credentials."""
        with self._private_home() as home:
            environment = self._environment(home, offline=offline)
            if not offline and self.session and _JWT.fullmatch(self.session.access_token):
                environment["SF_TARGET_ORG"] = self._log_in(self.session, environment)
            return run_sf(arguments, folder=folder or self.folder, environment=environment, clean=self._masked)

    def _log_in(self, session: Session, environment: Mapping[str, str]) -> str:
        """Have the CLI save the token in its home folder. Returns the user name, by which it knows the org then.

        Source: `org login access-token` of @salesforce/plugin-auth, which accepts tokens of both forms.
        """
        nameless = {name: value for name, value in environment.items() if name != "SF_TARGET_ORG"}
        answer = run_sf(
            ["org", "login", "access-token", "--instance-url", session.instance_url, "--no-prompt"],
            folder=self.folder,
            environment={**nameless, "SF_ACCESS_TOKEN": session.access_token},
            clean=self._masked,
        )
        result = answer.get("result")
        username = result.get("username") if isinstance(result, dict) else None
        if isinstance(username, str) and username:
            return username
        name, detail = self.reason(answer)
        raise ServiceError(
            f"`sf org login access-token` did not accept the access token: {name} {detail}.",
            fix="Log in again. If it fails again, issue opaque access tokens (00D…!…): switch off JWT-based access "
            "tokens in the settings of the app.",
        )

    def _environment(self, home: Path, *, offline: bool) -> dict[str, str]:
        passed = frozenset() if offline else self.variables
        return {
            **for_salesforce_cli(os.environ),
            **{name: value for name, value in os.environ.items() if name in passed},
            **({} if offline else self.extra_environment),
            **_FIXED,
            "HOME": str(home),
            "USERPROFILE": str(home),
            **({} if offline else self._org_environment()),
        }

    def _org_environment(self) -> dict[str, str]:
        if self.session is None:
            return {}
        # the CLI ignores NO_PROXY, and this variable takes precedence over all others that name a proxy
        direct = {"https_proxy": ""} if proxy_bypass(urlsplit(self.session.instance_url).netloc) else {}
        return {
            **direct,
            "SF_ORG_INSTANCE_URL": self.session.instance_url,
            "SF_TARGET_ORG": self.session.access_token,
        }

    @contextmanager
    def _private_home(self) -> Iterator[Path]:
        # a killed run may have left one behind
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700, parents=True)
        try:
            yield self.home
        finally:
            shutil.rmtree(self.home, ignore_errors=True)
