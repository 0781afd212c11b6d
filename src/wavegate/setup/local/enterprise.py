"""A workflow without the features that GitHub Enterprise Server does not have.

It has no `queue`, no `deployment: false`, no artifacts of version 4 and no attestations. Jobs that only need an
environment's secrets create a deployment there, and a newer promotion that waits replaces an older one.
Source: docs.github.com for Enterprise Server 3.19, and the README of actions/upload-artifact.
"""

import re

_LINES = re.compile(r"(?m)^ *(?:queue: max|deployment: false)\n")
_NO_DEPLOYMENT = re.compile(r"(?m)(?:, but create no deployment: nothing is deployed|; nothing is deployed)$")
_ARTIFACTS = re.compile(r"(?m)actions/(upload|download)-artifact@.*$")
_PINS = {
    "upload": "c24449f33cd45d4826c6702db7e49f7cdb9b551d # v3.2.1-node20",
    "download": "ad191675b41f6a5b46da9a048cb6893812da158b # v3.1.0-node20",
}
"""The last versions that a server takes; without a name, the second one downloads every artifact of the run."""
_OTHER_RUN = re.compile(r"(?m)^          (?:run-id|github-token): .+\n(?=(?:          .+\n)*          pattern: )")
"""Only newer versions download an artifact of another run."""
_PATTERN = re.compile(r"(?m)^          pattern: (.+)\n          path: (.+)\n")
_ONLY_THESE = """\
          path: {path}
      - name: Remove the other artifacts
        env:
          FOLDER: {path}
          PATTERN: {pattern}
        run: find "$FOLDER" -mindepth 1 -maxdepth 1 ! -name "$PATTERN" -exec rm -rf {{}} +
"""
_ATTEST_INPUT = re.compile(r"(?m)^      attest:\n(?:        .*\n)+")
_ATTEST_JOB = re.compile(r"(?m)^  attest:\n(?:    .*\n|\n)+?(?=  \S)")
_NEEDS = re.compile(r"(?m)^(    needs: \[.*), attest\]$")
_RESULT = re.compile(r""" && contains\(fromJSON\('\["success", "skipped"\]'\), needs\.attest\.result\)""")
_PERMISSIONS = re.compile(r", id-token: write, attestations: write")


def for_enterprise_server(source: str) -> str:
    """A reusable workflow for a server. source: the text of wavegate's own."""
    text = _NO_DEPLOYMENT.sub("", _LINES.sub("", source))
    text = _ARTIFACTS.sub(lambda match: f"actions/{match[1]}-artifact@{_PINS[match[1]]}", text)
    text = _OTHER_RUN.sub("", text)
    text = _PATTERN.sub(lambda match: _ONLY_THESE.format(pattern=match[1], path=match[2]), text)
    for removed in (_ATTEST_INPUT, _ATTEST_JOB, _RESULT):
        text = removed.sub("", text)
    return _NEEDS.sub(r"\1]", text)


def caller_for_enterprise_server(caller: str) -> str:
    """A caller for a server: it grants no permission that the server does not know."""
    return _PERMISSIONS.sub("", caller)
