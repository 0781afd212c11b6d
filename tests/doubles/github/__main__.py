"""The GitHub double as a process: `python -m tests.doubles.github --folder DIR`.

Prints one line of JSON (its URLs and tokens) when it is ready, and serves until its standard input is closed.
`GET /_double/state` returns everything that a test may want to check.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.doubles.github.github import GitHubDouble
from tests.doubles.server import Reply, Request

STATE = "/_double/state"


class ObservableDouble(GitHubDouble):
    """The double with one more route, which is not logged and has no faults."""

    def _serve(self, request: Request) -> Reply | None:
        if request.path != STATE:
            return super()._serve(request)
        with self.state.lock:
            content = {
                "pulls": [asdict(pull) for pull in self.pulls],
                "issues": [asdict(issue) for issue in self.issues],
                "deployments": [asdict(deployment) for deployment in self.deployments],
                "refs": self.state.git.refs("refs/"),
                "routes": [asdict(route) for route in self.routes],
                "violations": self.violations,
            }
        body = json.dumps(content, default=str).encode()
        return Reply(status=200, body=body, headers={"Content-Type": "application/json"})


def main() -> None:
    """Serve until the standard input is closed; fail if the contract was broken."""
    parser = argparse.ArgumentParser(description="A GitHub with one repository, on loopback.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the bare repository, created if new")
    parser.add_argument("--repository", default="acme/support-agents", help="owner/name")
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    given = parser.parse_args()
    with ObservableDouble(given.folder, given.repository, port=given.port) as github:
        ready = {
            "environment": github.environment(),
            "git_dir": str(github.git_dir),
            "state": github.url + STATE,
            "app_token": github.app_token,
            "admin_token": github.admin_token,
        }
        print(json.dumps(ready), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
