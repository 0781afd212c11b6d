"""Release notes as JSON with a stable shape. null means unknown or absent."""

import json
from datetime import datetime
from typing import Any

from wavegate.notes.text_changes import TextChange
from wavegate.notes.values import NotedRelease, ReleaseNotes, ReleaseStep
from wavegate.notes.words import component_groups


def notes_json(notes: ReleaseNotes) -> str:
    """One object: `schemas/notes.schema.json`."""
    values = {
        "schema": 1,
        "environment": notes.environment,
        "manifest": notes.manifest,
        "live": [
            {"environment": each.environment, "release": _release(each.release) if each.release else None}
            for each in notes.live
        ],
        "releases": [_step(each) for each in notes.steps],
    }
    return json.dumps(values, indent=2, ensure_ascii=False)


def _step(step: ReleaseStep) -> dict[str, Any]:
    return {
        **_release(step.after),
        "before": _release(step.before) if step.before else None,
        "texts": [_text(each) for each in step.texts],
        "guardrails": [
            {"rule": each.rule, "direction": each.direction.value, "message": each.message}
            for each in step.guardrails
        ],
        "components": [
            {"kind": group.title.lower(), "component": name, "change": verb}
            for group in component_groups(step.components)
            for name, verb in group.lines
        ],
    }


def _text(change: TextChange) -> dict[str, Any]:
    passage, before = change.passage, change.before
    return {
        "kind": passage.id.kind,
        "owner": passage.id.owner,
        "place": passage.id.place or None,
        "change": change.kind.value,
        "renamedFrom": {"owner": before.owner, "place": before.place or None} if before else None,
        "file": passage.location.file,
        "pieces": [{"edit": each.edit.value, "text": each.text} for each in change.pieces],
    }


def _release(release: NotedRelease) -> dict[str, Any]:
    return {
        "name": release.name,
        "commit": release.commit,
        "since": _time(release.since),
        "actor": release.actor or None,
        "approvers": None if release.approvers is None else list(release.approvers),
        "decision": release.evidence or None,
        "run": release.run or None,
        "rolledBack": release.rolled_back,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
