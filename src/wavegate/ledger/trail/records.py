"""A deployment of GitHub as an entry of the ledger."""

from wavegate.ledger.acts.act import ACT_TASK, parse_act
from wavegate.ledger.canary_entry import LOOK_TASK, parse_look
from wavegate.ledger.deployment import TASK
from wavegate.ledger.entry import LedgerNode, release_of
from wavegate.ledger.gate_entry import is_gate_task, parse_gate_entry_of
from wavegate.ledger.trail.values import LedgerRecord


def record_of(node: LedgerNode) -> LedgerRecord | None:
    """The entry that a deployment is; None for one of another tool. One that cannot be read is kept, and says so."""
    task = node.task or ""
    is_gate = is_gate_task(task)
    if task not in (TASK, ACT_TASK, LOOK_TASK) and not is_gate:
        return None
    return LedgerRecord(
        id=node.id,
        environment=node.environment or "",
        task=task,
        commit=node.commit_oid,
        recorded=node.created_at,
        committed=node.commit.committed_date if node.commit else None,
        deployment=release_of(node) if task == TASK else None,
        act=parse_act(node.payload, act_id=node.id, recorded=node.created_at) if task == ACT_TASK else None,
        decision=parse_gate_entry_of(task, node.payload) if is_gate else None,
        look=parse_look(node.payload, recorded=node.created_at) if task == LOOK_TASK else None,
    )
