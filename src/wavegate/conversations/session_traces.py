"""Conversations from the rows of Agentforce session tracing.

A session has interactions (turns), and they have messages (what was said) and steps (what was done). Messages are
ordered by the time at which they were sent, steps by the time at which they started; the order of rows says nothing.
Source: help.salesforce.com, "Data Model for Agentforce Session Tracing".
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby

from wavegate.conversations.json_text import text_fields
from wavegate.conversations.moments import milliseconds, read_moment
from wavegate.conversations.problems import ambiguous, incomplete
from wavegate.conversations.trace_rows import TraceRow, TraceRows
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Finding
from wavegate.telemetry.discover.vocabulary import meaning_of_end
from wavegate.telemetry.mapping.values import SessionEnd
from wavegate.text import join_names, pluralize

_LATER = (
    "Export the session again later, with all five objects: rows of turns arrive up to two days after the session's."
)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_ACTIONS = frozenset({"actionstep", "functionstep"})
_TOPICS = frozenset({"topicstep"})
_SPEAKERS = {"input": "user", "output": "agent", "user": "user", "agent": "agent"}


def conversations_of(rows: TraceRows) -> Iterator[Conversation | Finding]:
    """The conversations of the rows, with a finding for each session that is not whole, and for rows without one."""
    if rows.is_broken and rows.tables.get("session"):
        first = next(iter(rows.tables["session"].values()))
        count = pluralize(len(rows.tables["session"]), "session")
        message = f"{count} left out: a part of the tables could not be read, and whose rows it had is unknown."
        yield incomplete(first.place, message, "Fix the other problems first.")
        return
    yield from _Sessions(rows).read()


class _Sessions:
    """Joins the rows. A session that has a conflicting row is left out: which row is right is unknown."""

    def __init__(self, rows: TraceRows) -> None:
        tables = rows.tables
        self.sessions = tables.get("session", {})
        self.conflicting = rows.conflicting
        self.interactions = _by(tables.get("interaction", {}), "aiagentsessionid", "sessionid")
        self.session_of = {
            key: session for session, each in self.interactions.items() for key in (row.get("id") for row in each)
        }
        self.participants = _by(tables.get("participant", {}), "aiagentsessionid", "sessionid")
        self.steps = _by(tables.get("step", {}), "aiagentinteractionid", "interactionid")
        self.messages: dict[str, list[TraceRow]] = defaultdict(list)
        self.orphans: list[TraceRow] = []
        for message in tables.get("message", {}).values():
            turn = message.get("aiagentinteractionid", "interactionid")
            session = self.session_of.get(turn) or message.get("aiagentsessionid", "sessionid")
            (self.messages[session] if session else self.orphans).append(message)

    def read(self) -> Iterator[Conversation | Finding]:
        for key, session in self.sessions.items():
            if not self._is_conflicting(key):
                yield from self._conversation(key, session)
        unknown = [rows[0] for key, rows in self.messages.items() if key not in self.sessions]
        for message in (*unknown, *self.orphans[:1]):
            yield incomplete(message.place, "Messages belong to a session that has no row.", _LATER)

    def _is_conflicting(self, key: str) -> bool:
        turns = {row.get("id") for row in self.interactions.get(key, ())}
        ids = {
            "session": {key},
            "interaction": turns,
            "participant": {row.get("id") for row in self.participants.get(key, ())},
            "message": {row.get("id") for row in self.messages.get(key, ())},
            "step": {row.get("id") for turn in turns for row in self.steps.get(turn, ())},
        }
        return any(ids[role] & conflicting for role, conflicting in self.conflicting.items())

    def _conversation(self, key: str, session: TraceRow) -> Iterator[Conversation | Finding]:
        problem = self._missing(key)
        if problem:
            yield incomplete(session.place, f"A session {problem}.", _LATER)
            return
        agents = dict.fromkeys(
            (name, row.get("aiagentversionapiname"))
            for row in self.participants.get(key, ())
            if (name := row.get("aiagentapiname"))
        )
        if len(agents) > 1:
            names = join_names([name for name, _ in agents])
            yield ambiguous(session.place, f"A session has more than one agent: {names}.", "Test each one alone.")
        agent, version = next(iter(agents)) if len(agents) == 1 else ("", "")
        ended = session.get("aiagentsessionendtype")
        variables, constant = self._variables(key)
        yield Conversation(
            id=key,
            turns=tuple(self._turns(key)),
            place=session.place,
            agent=agent or session.get("aiagentapiname"),
            version=version,
            started=read_moment(session.get("starttimestamp")),
            ended=ended,
            escalated=_is_escalated(ended),
            variables=variables,
            constant=constant,
        )

    def _missing(self, key: str) -> str:
        """What is missing of a session, as the end of a sentence; '' if it is whole."""
        messages = self.messages.get(key, [])
        if not messages:
            return "has no messages"
        if unknown := [row for row in messages if _speaker(row) is None]:
            return f"has a message of the unknown type `{unknown[0].get('aiagentinteractionmessagetype')}`"
        if any(not row.get("contenttext") for row in messages):
            return "has a message without its text"
        if not all(read_moment(row.get("messagesenttimestamp")) for row in messages):
            return "has a message without the time at which it was sent"
        said = {row.get("aiagentinteractionid", "interactionid") for row in messages}
        turns = {row.get("id") for row in self.interactions.get(key, ()) if not _is_end(row)}
        if said != turns:
            return "has a turn without messages" if turns - said else "has messages of a turn that has no row"
        for turn in said:
            spoke = {_speaker(row) for row in messages if row.get("aiagentinteractionid", "interactionid") == turn}
            if "agent" not in spoke and not any(row.get("errormessagetext") for row in self.steps.get(turn, ())):
                return "has a message that is not answered, and no error that explains it"
        speakers = {_speaker(row) for row in messages}
        return "" if "user" in speakers else "has nothing that the user said"

    def _turns(self, key: str) -> Iterator[ConversationTurn]:
        """The turns in the order in which they were sent; what an interaction did belongs to its last answer."""
        rows = {row.get("id"): row for row in self.interactions.get(key, ())}
        ordered = sorted(self.messages[key], key=_when)
        last: dict[str, TraceRow] = {}
        for message in ordered:
            turn = message.get("aiagentinteractionid", "interactionid")
            if _speaker(message) == "agent" or turn not in last:
                last[turn] = message
        for message in ordered:
            turn = message.get("aiagentinteractionid", "interactionid")
            speaker = _speaker(message)
            sent = read_moment(message.get("messagesenttimestamp"))
            if speaker == "user" or speaker is None:
                yield ConversationTurn(speaker="user", text=message.get("contenttext"), time=sent)
                if message is last[turn]:
                    # an error of the agent, which said nothing
                    yield ConversationTurn(
                        speaker="agent", text="", topic=self._topic(turn, rows), actions=self._actions(turn)
                    )
                continue
            is_last = message is last[turn]
            row = rows.get(turn)
            yield ConversationTurn(
                speaker="agent",
                text=message.get("contenttext"),
                topic=self._topic(turn, rows) if is_last else "",
                actions=self._actions(turn) if is_last else None,
                latency=_latency(row) if is_last and row else None,
                time=sent,
            )

    def _topic(self, turn: str, rows: Mapping[str, TraceRow]) -> str:
        row = rows.get(turn)
        named = [step.get("name", "nameinterfacefield") for step in self._ordered(turn) if _type(step) in _TOPICS]
        return (row.get("topicapiname") if row else "") or (named[-1] if named else "")

    def _actions(self, turn: str) -> tuple[ActionCall, ...] | None:
        steps = self._ordered(turn)
        if not steps:
            return None
        return tuple(
            ActionCall(
                name=step.get("name", "nameinterfacefield"),
                inputs=text_fields(step.get("inputvaluetext")),
                error=step.get("errormessagetext"),
            )
            for step in steps
            if _type(step) in _ACTIONS
        )

    def _ordered(self, turn: str) -> list[TraceRow]:
        return sorted(self.steps.get(turn, ()), key=lambda row: read_moment(row.get("starttimestamp")) or _EARLIEST)

    def _variables(self, key: str) -> tuple[dict[str, str], frozenset[str]]:
        """The variables after the last step that has them, and the names of those that never changed."""
        turns = sorted(
            self.interactions.get(key, ()), key=lambda row: read_moment(row.get("starttimestamp")) or _EARLIEST
        )
        found: dict[str, str] = {}
        changed: set[str] = set()
        states = (
            text_fields(step.get(column), alone="")
            for turn in turns
            for step in self._ordered(turn.get("id"))
            for column in ("prestepvariabletext", "poststepvariabletext")
        )
        for number, state in enumerate(filter(None, states)):
            # what a later step adds, the session did not start with
            changed |= {name for name, value in state.items() if found.get(name, "" if number else value) != value}
            found |= state
        return found, frozenset(found) - changed


def _by(rows: Mapping[str, TraceRow], *columns: str) -> dict[str, list[TraceRow]]:
    ordered = sorted(rows.values(), key=lambda row: row.get(*columns))
    return {key: list(group) for key, group in groupby(ordered, key=lambda row: row.get(*columns)) if key}


def _when(message: TraceRow) -> tuple[datetime, bool]:
    return read_moment(message.get("messagesenttimestamp")) or _EARLIEST, _speaker(message) == "agent"


def _speaker(message: TraceRow) -> str | None:
    return _SPEAKERS.get(message.get("aiagentinteractionmessagetype").casefold())


def _type(step: TraceRow) -> str:
    return step.get("aiagentinteractionsteptype").replace("_", "").casefold()


def _is_end(turn: TraceRow) -> bool:
    """Whether a row of the turns marks the end of the session, which has no messages."""
    return turn.get("aiagentinteractiontype").replace("_", "").casefold() == "sessionend"


def _latency(turn: TraceRow) -> float | None:
    return milliseconds(read_moment(turn.get("starttimestamp")), read_moment(turn.get("endtimestamp")))


def _is_escalated(ended: str) -> bool | None:
    meaning = meaning_of_end(ended) if ended else None
    if meaning is None:
        return None
    return meaning == SessionEnd.ESCALATED
