from behave import given


@given("an answer")
def answer(context):
    pass


@given("a wrong answer")
def wrong_answer(context):
    assert 1 == 2
