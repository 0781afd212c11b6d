import pytest


def test_names_the_day():
    assert 1 == 2


@pytest.fixture
def broken():
    raise RuntimeError("no login")


@pytest.fixture
def leaving():
    yield
    raise RuntimeError("no logout")


def test_setup(broken):
    pass


def test_teardown(leaving):
    pass


@pytest.mark.skip(reason="later")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known")
def test_known_to_fail():
    assert 1 == 2


@pytest.mark.xfail(reason="known", strict=False)
def test_unexpectedly_passes():
    pass
