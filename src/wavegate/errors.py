"""Every error and every exit code of wavegate.

A verdict is a value, never an exception; a crash never shares a code with a verdict.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the process. Workflows read outputs instead; exit codes are for people and shells."""

    OK = 0
    """Done; for a judge: pass or expand."""
    FAIL = 1
    """A judge's negative verdict: fail, or roll back; an error that validate found; a deployment that failed."""
    INPUT = 2
    """Wrong input or configuration, or a refused promotion: nothing was done; retrying unchanged will not help."""
    DEFECT = 3
    """A defect of wavegate: a traceback was printed."""
    SERVICE = 4
    """Network, API or tool failed: a retry may help."""
    INCONCLUSIVE = 5
    """A judge has too little evidence: inconclusive, or hold."""


class WavegateError(Exception):
    """Base of every error that is shown to the user without a traceback.

    message: what is wrong and where, one sentence. fix: what to do about it, one sentence.
    file, line, column: where in the user's files, lines and columns from 1, when that is known.
    """

    exit_code: ExitCode = ExitCode.INPUT

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.file = file
        self.line = line
        self.column = column


class InputError(WavegateError):
    """The user's files, options or settings are wrong."""

    exit_code = ExitCode.INPUT


class ServiceError(WavegateError):
    """Something outside (GitHub, Salesforce, git, a tool) failed; trying again may help."""

    exit_code = ExitCode.SERVICE


class OutputError(ServiceError):
    """Something that a command decided, did or found could not be written: no space, or nobody who reads it."""


class RefusedError(InputError):
    """A service understood a request and refused it: no permission, no such thing, or not in this state.

    Nothing was changed by it, and a retry alone will not help. Code that talks to several services catches it around
    the calls to one of them, since it does not say whose refusal it is.

    status: HTTP status, or the equivalent one for a GraphQL error, which has none. code: the service's own name of
    the error, or ''. detail: the service's own words on one line, or ''.
    """

    def __init__(self, message: str, *, status: int, code: str = "", detail: str = "", fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.status = status
        self.code = code
        self.detail = detail


class UncertainError(ServiceError):
    """A request that changes something was sent and its answer is unknown: it may have been carried out."""
