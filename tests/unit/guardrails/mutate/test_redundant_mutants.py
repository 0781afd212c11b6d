"""A mutant that no conversation shows is sorted out, and never one that a test could notice."""

from tests.support.library_desk import PATH, SCRIPT

from wavegate.guardrails.mutate.generate import mutants_of
from wavegate.guardrails.mutate.observed import without_redundant
from wavegate.guardrails.mutate.values import Mutant
from wavegate.guardrails.script.read import read_script_model

GUARD = "                available when @variables.open_fines > 0\n"


def judged(script: str) -> dict[str, Mutant]:
    model = read_script_model(script, PATH).emitted
    found = without_redundant(mutants_of(script, PATH).mutants, model)
    return {each.id.removeprefix("Library_Desk/"): each for each in found}


def test_every_mutant_of_the_desk_can_be_noticed() -> None:
    assert [each.id for each in judged(SCRIPT).values() if each.redundant] == []


def test_a_guard_that_the_way_to_its_topic_repeats_is_redundant_but_its_negation_is_not() -> None:
    found = judged(SCRIPT.replace(GUARD, "                available when @variables.member_ok == True\n"))
    assert found["fines/waive_fine/guard:dropped"].redundant == (
        "no conversation shows it: other bounds keep `never waive_fine unless member_ok == True`"
    )
    assert found["fines/waive_fine/guard:comparison-negated"].counts
    assert found["desk/to_fines/guard:dropped"].counts


def test_a_guard_of_an_action_that_no_conversation_gets_to_is_redundant() -> None:
    script = SCRIPT.replace("            to_fines: @utils.transition to @subagent.fines\n", "").replace(
        "                available when @variables.member_ok == True\n", ""
    )
    assert judged(script)["fines/waive_fine/guard:dropped"].redundant.endswith("none calls the action")


def test_a_guard_that_would_make_its_action_unreachable_counts() -> None:
    script = SCRIPT.replace(GUARD, "                available when @variables.open_fines == 0\n").replace(
        "                set @variables.open_fines = @outputs.count\n", ""
    )
    assert judged(script)["fines/waive_fine/guard:comparison-negated"].counts


def test_without_time_for_proofs_nothing_is_called_redundant() -> None:
    script = SCRIPT.replace(GUARD, "                available when @variables.member_ok == True\n")
    model = read_script_model(script, PATH).emitted
    found = without_redundant(mutants_of(script, PATH).mutants, model, lambda: True)
    assert [each for each in found if each.redundant] == []
