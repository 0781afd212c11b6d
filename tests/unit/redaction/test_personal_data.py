"""Personal data: what is found, what only looks like it, and what redaction leaves."""

import time

import pytest

from wavegate.redaction.personal_data import QUOTE_LENGTH, find, quote, redact
from wavegate.release.pack import PersonalData


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "write to Jane.O-Neil+x@mail.example.co.uk, please"),
        ("email", "<a_b%c@example.org>"),
        ("phone", "call +49 (0)30 901820 now"),
        ("phone", "call (415) 555-0132."),
        ("phone", "415-555-0132"),
        ("phone", "+1 415.555.0132"),
        ("credit-card", "4111 1111 1111 1111"),
        ("credit-card", "card:378282246310005."),
        ("credit-card", "order 12 5555-5555-5555-4444 and 7"),
        ("credit-card", "4111\u00a01111\u20101111 1111"),
        ("credit-card", "6304000000000000"),
        ("iban", "DE89 3704 0044 0532 0130 00 BIC COBADEFF"),
        ("iban", "gb82west12345698765432"),
        ("iban", "NO93 8601 1117 947"),
        ("ssn", "SSN 219-09-9999"),
        ("ssn", "219 09 9999"),
        ("secret", "sid 00D000000000001!AQEAQFakeFakeFakeFakeFake.1"),
        ("secret", "ghp_" + "a1B2" * 9),
        ("secret", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"),
        ("secret", "-----BEGIN RSA PRIVATE KEY-----"),
        ("secret", "force://PlatformCLI::5Aep861TokenTokenToken@acme.my.salesforce.com"),
    ],
)
def test_found(kind: str, text: str) -> None:
    assert [found for found, _ in find(text, [PersonalData(kind)])] == [kind]
    assert f"[{kind}]" in redact(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "user at example dot org, or @support"),
        ("phone", "case 00123456, order 1234567890, version 1.2.3"),
        ("phone", "a123-456-7890"),
        ("credit-card", "4111 1111 1111 1112"),
        ("credit-card", "tracking 9405511899223197428490"),
        ("credit-card", "**** **** **** 1111"),
        ("iban", "DE88 3704 0044 0532 0130 00"),
        ("iban", "ZZ82WEST12345698765432"),
        ("ssn", "666-09-9999, 000-12-3456, 219-00-9999, 219-09 9999"),
        ("secret", "the token has expired; 00D is an organisation's prefix"),
    ],
)
def test_only_looks_like_it(kind: str, text: str) -> None:
    assert find(text, [PersonalData(kind)]) == ()


def test_redaction_keeps_everything_else() -> None:
    text = "Mail a@b.org or call (415) 555-0132; paid with 4111 1111 1111 1111, twice."
    assert redact(text) == "Mail [email] or call [phone]; paid with [credit-card], twice."
    assert redact("nothing to hide") == "nothing to hide"


def test_nothing_of_overlapping_finds_is_left() -> None:
    text = "x@219-09-9999.com +1 4111 1111 1111 1111 22"
    assert not any(part in redact(text) for part in ("219", "4111"))


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("", ""),
        ("Your refund\n  is approved.", "Your refund is approved."),
        ("It is 4111 1111\n1111 1111, thanks.", "It is [credit-card], thanks."),
        ("Mail a@b.org and c@d.org.", "Mail [email] and [email]."),
    ],
)
def test_a_quote_is_one_line_without_personal_data(said: str, quoted: str) -> None:
    assert quote(said) == quoted


def test_a_long_answer_is_quoted_around_its_first_personal_data() -> None:
    shown = quote("Well. " * 200 + "The card is 4111 1111 1111 1111. " + "Bye. " * 200)
    assert shown.startswith("…")
    assert "The card is [credit-card]. Bye." in shown
    assert shown.endswith("…")
    assert len(shown) == QUOTE_LENGTH
    assert quote("Well. " * 200).startswith("Well. Well.")


@pytest.mark.parametrize(
    "text",
    ["1 " * 30_000, "1" * 60_000, "a@" * 30_000, "eyJ-" * 16_000, "a." * 30_000, "DE89" * 15_000, "+1(" * 20_000],
)
def test_hostile_text_costs_linear_time(text: str) -> None:
    started = time.process_time()
    find(text)
    assert time.process_time() - started < 5, "quadratic patterns need minutes here"
