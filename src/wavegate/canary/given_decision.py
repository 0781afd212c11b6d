"""The decision of a look, as a later step is given it: unchanged, and about what the step is about."""

import hashlib
from pathlib import Path

from wavegate.canary.decision import CanaryDecision, canary_from_json
from wavegate.errors import InputError
from wavegate.promotion.decision.file import plain_digest, read_evidence
from wavegate.text import one_line


def read_look(path: str, *, digest: str, environment: str, manifest: str) -> tuple[CanaryDecision, str]:
    """The decision of a file, and the file's SHA-256, hexadecimal.

    digest: that the file must have, '' for any. manifest: path.
    InputError: it is another file, not a canary's decision, or about another environment or manifest.
    """
    data = read_evidence(Path(path), writer="wavegate watch")
    actual = hashlib.sha256(data).hexdigest()
    if digest and plain_digest(digest) != actual:
        raise InputError(
            f"The decision was changed: its digest is {actual}, not {one_line(digest, 80)}.",
            fix="Use the unchanged file that `wavegate watch` wrote, and the digest of the same job.",
            file=path,
        )
    decision = canary_from_json(data, path=path)
    for what, own, other in (
        ("environment", environment, decision.environment),
        ("manifest", manifest, decision.manifest.name),
    ):
        if own != other:
            raise InputError(
                f"The decision is about the {what} {one_line(other, 200)}, not {one_line(own, 200)}.",
                fix=f"Name the {what} that `wavegate watch` looked at.",
                file=path,
            )
    return decision, actual
