"""Which tests could notice a change is known from what they say that they expect."""

from tests.support.library_desk import PATH, SCRIPT, library_desk

from wavegate.guardrails.mutate.generate import mutants_of
from wavegate.guardrails.mutate.order import in_order
from wavegate.guardrails.mutate.reach import Relevance, TestAim, passed_topics, reach, relevant_tests
from wavegate.guardrails.mutate.values import Bound, Mutation

MODEL = library_desk()
MUTANTS = mutants_of(SCRIPT, PATH).mutants


def bound(ending: str) -> Bound:
    return next(each.bound for each in MUTANTS if each.bound.id.endswith(ending))


def aim(*, topics: str = "", actions: str = "", agent: str = "", name: str = "one") -> TestAim:
    return TestAim(
        key=("pack", name), topics=frozenset(topics.split()), actions=frozenset(actions.split()), agent=agent
    )


def test_a_test_that_names_the_action_reaches_its_guard() -> None:
    assert reach(bound("waive_fine/guard"), aim(actions="Waive_Fine"), MODEL) is Relevance.NAMES


def test_a_test_about_another_topic_does_not_reach_it() -> None:
    assert reach(bound("waive_fine/guard"), aim(topics="card_check"), MODEL) is Relevance.NEVER
    assert relevant_tests(bound("waive_fine/guard"), [aim(topics="card_check")], MODEL) == ()


def test_a_test_passes_where_the_variables_are_set_that_decide_on_its_way() -> None:
    assert passed_topics(aim(actions="waive_fine"), MODEL) == {"desk", "card_check", "fines"}
    assert passed_topics(aim(actions="check_card"), MODEL) == {"desk", "card_check"}


def test_a_test_that_says_nothing_may_reach_anything_but_comes_last() -> None:
    aims = [aim(name="unsaid"), aim(actions="waive_fine", name="said")]
    found = relevant_tests(bound("waive_fine/guard"), aims, MODEL)
    assert found == (("pack", "said"), ("pack", "unsaid"))


def test_a_test_of_another_agent_reaches_nothing() -> None:
    assert reach(bound("waive_fine/guard"), aim(actions="waive_fine", agent="Other"), MODEL) is Relevance.NEVER
    assert reach(bound("waive_fine/guard"), aim(actions="waive_fine", agent="library_desk"), MODEL) is Relevance.NAMES


def test_a_prohibition_of_the_whole_agent_is_reached_by_any_test_of_it() -> None:
    prohibition = next(each.bound for each in MUTANTS if not each.bound.topic)
    assert reach(prohibition, aim(topics="card_check"), MODEL) is Relevance.PASSES


def test_what_widens_and_bounds_a_harmful_action_is_run_first_and_each_place_before_a_second_mutant_of_one() -> None:
    harmful = frozenset(each.bound.id for each in MUTANTS if each.bound.tool == "waive_fine")
    order = in_order(MUTANTS, {}, harmful)
    assert {each.bound.tool for each in order[:4]} == {"waive_fine"}
    assert [each.mutation is Mutation.BOUNDARY for each in order[:4]] == [False, False, False, True]
    assert not [each for each in order if each.equivalent]
