"""Conversations from transcripts as `wavegate smoke --transcripts` writes them: one JSON object a line.

Source: schemas/transcript.schema.json.
"""

from collections.abc import Iterator

import msgspec

from wavegate.conversations.problems import incomplete, malformed
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.evidence.transcript import Transcript
from wavegate.findings.finding import Finding, Location
from wavegate.text import one_line


def conversation_of(record: object, place: Location) -> Conversation | Finding:
    """The conversation of one line. record: as decoded."""
    try:
        transcript = msgspec.convert(record, Transcript)
    except (msgspec.ValidationError, RecursionError) as error:
        message = f"Invalid transcript: {one_line(str(error), 200)}."
        return malformed(place, message, "Write it as schemas/transcript.schema.json describes.")
    if transcript.answer is None or not any(turn.speaker == "user" and turn.text for turn in transcript.turns):
        who = "the agent" if transcript.answer is None else "the user"
        fix = "Record the runs again with a runner that writes what was said."
        return incomplete(place, f"The transcript of `{transcript.test}` has nothing that {who} said.", fix)
    return Conversation(id=transcript.session or "", turns=tuple(_turns(transcript)), place=place)


def _turns(transcript: Transcript) -> Iterator[ConversationTurn]:
    """The turns. A transcript does not say which of several answers called an action: the last one gets them all."""
    answers = [index for index, turn in enumerate(transcript.turns) if turn.speaker == "agent"]
    called = transcript.actions
    for index, turn in enumerate(transcript.turns):
        is_last = index == answers[-1]
        yield ConversationTurn(
            speaker=turn.speaker,
            text=turn.text,
            topic=(transcript.topic or "") if is_last else "",
            actions=tuple(ActionCall(name=each) for each in called) if is_last and called is not None else None,
            latency=transcript.latency if len(answers) == 1 and is_last else None,
        )
