"""Of a class, only what an action can call counts: its own method, and what that calls in turn."""

import pytest
from tests.support.rails import action, planner, rails_of, topic

from wavegate.guardrails.model import Effect
from wavegate.guardrails.reach import reach_of

READ = "List<Loan__c> l = [SELECT Id FROM Loan__c];"
ERASE = "delete [SELECT Id FROM Loan__c];"


def effects(run: str, rest: str = "", **classes: str) -> set[Effect]:
    """Of an action that calls class `Desk`, whose invocable method has the body `run`; rest: of its other members."""
    method = f"@InvocableMethod(label='Run') public static void run() {{ {run} }}"
    body = f"public with sharing class Desk {{ {method} {rest} }}"
    files = {
        **planner(topic("Loans", action("Run", "apex://Desk"), "Run")),
        **{f"classes/{name}.cls": text for name, text in {"Desk": body, **classes}.items()},
    }
    return set(reach_of("apex://Desk", rails_of(files)).effects)


def test_a_method_that_the_action_does_not_call_does_not_count() -> None:
    assert effects(READ, f"public static void erase() {{ {ERASE} }}") == {Effect.READS}


def test_a_class_without_a_method_for_actions_counts_as_a_whole() -> None:
    body = f"public class Desk {{ void look() {{ {READ} }} void erase() {{ {ERASE} }} }}"
    files = {**planner(topic("Loans", action("Run", "apex://Desk"), "Run")), "classes/Desk.cls": body}
    assert Effect.DELETES in reach_of("apex://Desk", rails_of(files)).effects


@pytest.mark.parametrize(
    ("run", "rest"),
    [
        ("erase();", f"static void erase() {{ {ERASE} }}"),
        ("Desk.erase();", f"static void erase() {{ {ERASE} }}"),
        ("this.ERASE ();", f"void erase() {{ {ERASE} }}"),
        ("step();", f"void step() {{ erase(); }} void erase() {{ {ERASE} }}"),
        ("step();", f"void step() {{ step(); erase(); }} void erase() {{ step(); {ERASE} }}"),
        ("new Inner().go();", f"class Inner {{ void go() {{ {ERASE} }} }}"),
        ("new Inner();", f"class Inner {{ Inner() {{ {ERASE} }} }}"),
        ("Inner i = make(); i.go();", f"class Inner {{ void go() {{ {ERASE} }} }}"),
        ("enqueue(new Job());", f"class Job implements Queueable {{ void execute(Object c) {{ {ERASE} }} }}"),
        ("Integer i = count;", f"static Integer count {{ get {{ {ERASE} return 1; }} }}"),
        ("return;", f"static {{ {ERASE} }}"),
        ("for (Loan__c l : [SELECT Id FROM Loan__c WHERE Id = :pick()]) {}", f"Id pick() {{ {ERASE} return null; }}"),
    ],
)  # fmt: skip
def test_what_it_calls_in_its_own_file_counts(run: str, rest: str) -> None:
    assert Effect.DELETES in effects(run, rest)


LEDGER = f"public class Ledger {{ void look() {{ {READ} }} public static void erase() {{ {ERASE} }} Ledger() {{ }} }}"


@pytest.mark.parametrize(
    ("run", "found"),
    [
        ("Ledger.erase();", True),
        ("new Ledger().erase();", True),
        ("Ledger l = make(); l.erase();", True),
        ("List<Ledger> all = make(); all[0].erase();", True),
        ("make(Ledger.class).erase();", True),
        ("Type.forName('Ledger').newInstance();", True),
        ("new Ledger().look();", False),
        ("Ledger l; l.look(); list.erase();", False),
    ],
)
def test_of_another_class_the_methods_count_that_it_calls(run: str, *, found: bool) -> None:
    assert (Effect.DELETES in effects(run, Ledger=LEDGER)) is found


def test_a_method_of_a_class_that_nothing_on_the_way_names_does_not_count() -> None:
    assert Effect.DELETES not in effects("make().erase();", "Object make() { return null; }", Ledger=LEDGER)


@pytest.mark.parametrize(
    "classes",
    [
        {"Base": f"public virtual class Base {{ void go() {{ {ERASE} }} }}",
         "Step": "public class Step extends Base {}"},
        {"Step": "public interface Step { void go(); }",
         "Erase": f"public class Erase implements Step {{ void go() {{ {ERASE} }} }}"},
        {"Step": "public abstract class Step { abstract void go(); }",
         "Middle": "public abstract class Middle extends Step {}",
         "Erase": f"public class Erase extends Middle {{ override void go() {{ {ERASE} }} }}"},
    ],
    ids=["inherited", "behind an interface", "behind an abstract class, two levels down"],
)  # fmt: skip
def test_a_method_may_be_inherited_or_overridden(classes: dict[str, str]) -> None:
    assert Effect.DELETES in effects("Step s = make(); s.go();", **classes)


def test_the_constructor_of_a_supertype_counts() -> None:
    classes = {
        "Base": f"public virtual class Base {{ Base() {{ {ERASE} }} }}",
        "Step": "public class Step extends Base { Step() { super(); } }",
    }
    assert Effect.DELETES in effects("new Step();", **classes)


def test_the_fields_of_a_class_that_is_named_count() -> None:
    log = "public class Log { static Object sent = Messaging.sendEmail(null); public static Integer SIZE = 1; }"
    assert Effect.SENDS in effects("Integer i = Log.SIZE;", Log=log)


def test_text_whose_brackets_do_not_match_counts_as_a_whole() -> None:
    assert Effect.DELETES in effects(READ, f"void open( {{ {{ void erase() {{ {ERASE} }}")
