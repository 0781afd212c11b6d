"""Routes of issues, comments and labels. To GitHub, a pull request is an issue, so these routes serve both."""

import re
from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, invalid, not_found, page_of
from tests.doubles.github.state import Comment, Issue, Pull


def list_issues(call: Call) -> Answer:
    """Issues and pull requests, newest first; open ones by default."""
    _check_switched_on(call)
    state, labels = call.query.get("state", "open"), set(filter(None, call.query.get("labels", "").split(",")))
    found = [
        issue
        for issue in call.state.issues
        if state in {"all", issue.state}
        and labels <= set(issue.labels)
        and call.query.get("creator", issue.creator) == issue.creator
    ]
    found.sort(key=lambda issue: issue.number, reverse=call.query.get("direction", "desc") == "desc")
    page, links = page_of(call, found)
    return Answer(value=[shapes.issue(call.state, issue) for issue in page], headers=links)


def create_issue(call: Call) -> Answer:
    """Create an issue, and any label that does not exist yet."""
    _check_switched_on(call)
    now = call.state.now()
    if not str(call.body["title"]).strip():
        raise invalid("Issue", "title", "missing_field")
    issue = Issue(
        id=call.state.next_id(),
        number=len(call.state.issues) + 1,
        title=str(call.body["title"]),
        body=call.body.get("body"),
        creator=call.token.login,
        created_at=now,
        updated_at=now,
        labels=_label_names(call, call.body.get("labels", ())),
        assignees=list(call.body.get("assignees") or ()),
    )
    check_body(issue.body, "Issue")
    call.state.issues.append(issue)
    return Answer(status=201, value=shapes.issue(call.state, issue))


def get_issue(call: Call) -> Answer:
    """One issue."""
    return Answer(value=shapes.issue(call.state, find(call)))


def update_issue(call: Call) -> Answer:
    """Change the given fields."""
    issue, body = find(call), call.body
    if not isinstance(issue, Pull):
        _check_switched_on(call)
    check_body(body.get("body"), "Issue")
    issue.title = str(body.get("title", issue.title))
    issue.body = body.get("body", issue.body)
    issue.change_state(body.get("state", issue.state), login=call.token.login, now=call.state.now())
    if "labels" in body:
        issue.labels = _label_names(call, body["labels"])
    return Answer(value=shapes.issue(call.state, issue))


def list_comments(call: Call) -> Answer:
    """The comments, oldest first."""
    issue = find(call)
    page, links = page_of(call, issue.comments)
    return Answer(value=[shapes.comment(call.state, issue, item) for item in page], headers=links)


def create_comment(call: Call) -> Answer:
    """Create a comment."""
    issue, now = find(call), call.state.now()
    check_body(call.body["body"], "IssueComment")
    item = Comment(
        id=call.state.next_id(), body=call.body["body"], creator=call.token.login, created_at=now, updated_at=now
    )
    issue.comments.append(item)
    return Answer(status=201, value=shapes.comment(call.state, issue, item))


def update_comment(call: Call) -> Answer:
    """Replace a comment's text."""
    issue, item = _comment(call)
    check_body(call.body["body"], "IssueComment")
    item.body, item.updated_at = call.body["body"], call.state.now()
    return Answer(value=shapes.comment(call.state, issue, item))


def delete_comment(call: Call) -> Answer:
    """Delete a comment."""
    issue, item = _comment(call)
    issue.comments.remove(item)
    return Answer(status=204)


def list_labels(call: Call) -> Answer:
    """The labels of the repository."""
    page, links = page_of(call, call.state.labels)
    return Answer(value=[shapes.label(call.state, name) for name in page], headers=links)


def create_label(call: Call) -> Answer:
    """Create a label."""
    name = call.body["name"]
    if name.casefold() in {each.casefold() for each in call.state.labels}:
        raise invalid("Label", "name", "already_exists")
    if len(call.body.get("description") or "") > 100:
        raise invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)")
    if "color" in call.body and not re.fullmatch("[0-9a-fA-F]{6}", call.body["color"]):
        raise invalid("Label", "color", "invalid")
    call.state.labels.append(name)
    call.state.label_looks[name] = call.body.get("color", "ededed"), call.body.get("description")
    return Answer(status=201, value=shapes.label(call.state, call.body["name"]))


def list_issue_labels(call: Call) -> Answer:
    """The labels of an issue."""
    page, links = page_of(call, find(call).labels)
    return Answer(value=[shapes.label(call.state, name) for name in page], headers=links)


def add_labels(call: Call) -> Answer:
    """Add labels to an issue."""
    issue = find(call)
    given = call.body.get("labels", ()) if isinstance(call.body, dict) else call.body
    issue.labels += [name for name in _label_names(call, given) if name not in issue.labels]
    return Answer(value=[shapes.label(call.state, name) for name in issue.labels])


def remove_label(call: Call) -> Answer:
    """Remove a label from an issue."""
    issue = find(call)
    kept = [each for each in issue.labels if each.casefold() != call.parameters["name"].casefold()]
    if len(kept) == len(issue.labels):
        raise RefusedError(404, "Label does not exist")
    issue.labels = kept
    return Answer(value=[shapes.label(call.state, name) for name in issue.labels])


def check_body(text: str | None, resource: str) -> None:
    """Refuse a text that is too long for GitHub."""
    if text and len(text) > 65_536:
        raise invalid(resource, "body", "custom", "body is too long (maximum is 65536 characters)")


def _check_switched_on(call: Call) -> None:
    """Refuse a request about issues in a repository without them."""
    if not call.state.settings.has_issues:
        raise RefusedError(410, "Issues has been disabled in this repository.")


def _label_names(call: Call, labels: Any) -> list[str]:
    known = {name.casefold(): name for name in call.state.labels}
    given = [label if isinstance(label, str) else label["name"] for label in labels]
    names = [known.get(name.casefold(), name) for name in given]
    call.state.labels += [name for name in names if name not in call.state.labels]
    return names


def find(call: Call) -> Issue:
    """The issue or pull request that the path names."""
    wanted = int(call.parameters["issue_number"])
    for issue in call.state.issues:
        if issue.number == wanted:
            return issue
    raise not_found()


def _comment(call: Call) -> tuple[Issue, Comment]:
    wanted = int(call.parameters["comment_id"])
    for issue in call.state.issues:
        for item in issue.comments:
            if item.id == wanted:
                return issue, item
    raise not_found()
