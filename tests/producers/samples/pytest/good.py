import pytest


@pytest.mark.parametrize("language", ["en", "de"])
def test_names_the_day(language):
    assert language


def test_refuses(record_property):
    record_property("model", "large")
    print("answered")
