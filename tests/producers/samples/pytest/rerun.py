SEEN = []


def test_passes_when_retried():
    SEEN.append(1)
    assert len(SEEN) == 2
