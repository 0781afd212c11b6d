"""Policies written as text, and small agents as values."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.files.yaml_reader import read_yaml
from wavegate.release.policy.file import policy_of
from wavegate.release.policy.values import GuardrailPolicy


def policy_in(text: str) -> GuardrailPolicy:
    """The policy of a file's text; the test fails if it is not valid."""
    document = read_yaml(text.encode(), path="agentforce/guardrails.yml")
    policy = policy_of(document)
    assert policy, document.findings
    return policy


class Files:
    """A source of files at the root of a checkout."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}
