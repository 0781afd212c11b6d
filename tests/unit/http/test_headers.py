"""Headers: what each form of them asks for."""

import time

import pytest

from wavegate.http.headers import MAX_WAIT, next_page, retry_after

NOW = 1_800_000_000.0
HERE = "https://api.example.com/list?page=1"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("007", 7.0),
        ("9" * 31, MAX_WAIT),
        ("9" * 60_000, MAX_WAIT),
        ("Fri, 15 Jan 2027 08:01:40 GMT", 100.0),
        ("Friday, 15-Jan-27 08:01:40 GMT", 100.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_WAIT),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Fri, 15 Jan 2027", None),
        ("", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e9", None),
        ("²", None),
        ("٣", None),
        ("1, 2", None),
        ("soon", None),
        ("\x00", None),
    ],
)
def test_a_wait_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(text, now=NOW) == seconds


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("", None),
        ('<?page=2>; rel="next"', "https://api.example.com/list?page=2"),
        ("<?page=2>;rel=next", "https://api.example.com/list?page=2"),
        ('<https://other.example/>; rel="last", </x>; title="a, b"; REL = "up NEXT" ,', "https://api.example.com/x"),
        ('<?page=9>; rel="last"', None),
        ('<?page=9>; rel="nextish"', None),
        ('<?page=9>; title="rel=next"', None),
        ("<?page=9>", None),
        (" , ", ValueError),
        ("garbage", ValueError),
        ('<http://[::1>; rel="next"', ValueError),
        ('<x>; rel="next', ValueError),
        ("<x> rel=next", ValueError),
    ],
)
def test_a_link_leads_to_the_next_page(link: str, url: str | type[ValueError] | None) -> None:
    if isinstance(url, type):
        with pytest.raises(url):
            next_page(link, url=HERE)
    else:
        assert next_page(link, url=HERE) == url


@pytest.mark.parametrize("piece", [" ;", ";a", ";a=", ' ;a="', ";a=b", "<", " ", "\t;\t"])
def test_a_long_link_takes_no_longer_than_its_length_asks_for(piece: str) -> None:
    started = time.process_time()
    for end in ("", "!", '"', ">"):
        try:
            next_page(f"<x>{piece * (60_000 // len(piece))}{end}", url=HERE)
        except ValueError:
            continue
    assert time.process_time() - started < 5
