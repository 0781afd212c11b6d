"""Routes of a pull request's reviews and events."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.rest.issues import check_body
from tests.doubles.github.rest.issues import find as find_issue
from tests.doubles.github.rest.pulls import find
from tests.doubles.github.state import Pull, PullEvent, Review, State

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_OWN = {
    "APPROVED": "Can not approve your own pull request",
    "CHANGES_REQUESTED": "Can not request changes on your own",
}


def list_reviews(call: Call) -> Answer:
    """The reviews, oldest first."""
    pull = find(call)
    page, links = page_of(call, pull.reviews)
    return Answer(value=[_review(call.state, pull, each) for each in page], headers=links)


def create_review(call: Call) -> Answer:
    """Review a commit of a pull request, its head by default. Nobody approves their own."""
    pull, body, state = find(call), call.body, call.state
    chosen = _STATES.get(body.get("event", ""), "PENDING")
    if chosen in _OWN and call.token.login == pull.creator:
        raise RefusedError(422, "Unprocessable Entity", [_OWN[chosen]])
    if chosen == "APPROVED" and call.token.job:
        raise RefusedError(422, "GitHub Actions is not permitted to approve pull requests.")
    check_body(body.get("body"), "PullRequestReview")
    commit = body.get("commit_id") or pull.head_sha
    if commit not in state.git.history(pull.head_sha, f"^{pull.base_sha}"):
        raise RefusedError(422, "Unprocessable Entity", ["The commit is not part of the pull request"])
    return Answer(value=_review(state, pull, add_review(state, pull, call.token.login, chosen, commit)))


def add_review(state: State, pull: Pull, login: str, chosen: str, commit: str = "") -> Review:
    """A review, by which its author is no longer asked for one."""
    made = Review(
        id=state.next_id(),
        login=login,
        state=chosen,
        commit_id=commit or pull.head_sha,
        submitted_at=state.now(),
    )
    pull.reviews.append(made)
    pull.reviewers = [each for each in pull.reviewers if each != login]
    pull.team_reviewers = [each for each in pull.team_reviewers if login not in state.teams.get(each, ())]
    return made


def dismiss_review(call: Call) -> Answer:
    """Dismiss an approval, or a request for changes."""
    pull, number = find(call), int(call.parameters["review_id"])
    review = next((each for each in pull.reviews if each.id == number), None)
    if review is None:
        raise not_found()
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise RefusedError(422, "Can not dismiss a commented pull request review")
    review.state = "DISMISSED"
    call.state.happened(pull, "review_dismissed", call.token.login)
    return Answer(value=_review(call.state, pull, review))


def list_events(call: Call) -> Answer:
    """What happened to an issue or a pull request, oldest first. Comments and reviews are no events."""
    issue = find_issue(call)
    page, links = page_of(call, issue.events if isinstance(issue, Pull) else [])
    return Answer(value=[_event(call.state, each) for each in page], headers=links)


def _review(state: State, pull: Pull, review: Review) -> dict[str, Any]:
    page = f"{shapes.page_url(state)}/pull/{pull.number}"
    return {
        "id": review.id,
        "node_id": shapes.node_id("PRR", review.id),
        "user": shapes.user(state, review.login) if review.login else None,
        "body": review.body,
        "state": review.state,
        "html_url": f"{page}#pullrequestreview-{review.id}",
        "pull_request_url": f"{shapes.repository_url(state)}/pulls/{pull.number}",
        "submitted_at": shapes.stamp(review.submitted_at),
        "commit_id": review.commit_id,
        "author_association": "MEMBER",
    }


def _event(state: State, event: PullEvent) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": event.id,
        "node_id": shapes.node_id("EV", event.id),
        "url": f"{shapes.repository_url(state)}/issues/events/{event.id}",
        "actor": shapes.user(state, event.actor),
        "event": event.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": shapes.stamp(event.created_at),
        "performed_via_github_app": None,
    }
    if event.reviewer:
        shape |= {"requested_reviewer": shapes.user(state, event.reviewer)}
    if event.team:
        shape |= {"requested_team": {"id": 1, "name": event.team, "slug": event.team, "permission": "pull"}}
    if event.reviewer or event.team:
        shape |= {"review_requester": shapes.user(state, event.actor)}
    return shape
