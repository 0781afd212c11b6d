"""What redaction of written texts replaces, by pattern and by value, and what it leaves."""

import random
import time

import pytest

from wavegate.redaction.fields import kind_of_field, known_values
from wavegate.redaction.plain_text import plain_text
from wavegate.redaction.values import KnownValue, PersonalKind
from wavegate.redaction.written import redact_written


def by_value(text: str, **fields: str) -> str:
    return redact_written([text], known=known_values(fields.items()))[0]


def test_the_same_value_has_the_same_placeholder_in_every_text() -> None:
    texts = redact_written(
        [
            "Hi, my name is Anna Schmidt, write to anna@example.com.",
            "Hello Anna, is anna@example.com still right? Or ann@example.org?",
            "ANNA SCHMIDT wrote it, says Schmidt.",
        ]
    )
    assert texts == (
        "Hi, my name is [name 1], write to [email 1].",
        "Hello [name 1], is [email 1] still right? Or [email 2]?",
        "[name 1] wrote it, says [name 1].",
    )


def test_a_word_that_is_a_part_of_a_name_stays_where_it_is_a_word() -> None:
    texts = redact_written(["My name is Will Stone.", "It will rain on every stone, Will."])
    assert texts == ("My name is [name 1].", "It will rain on every stone, [name 1].")


@pytest.mark.parametrize(
    ("fields", "text", "redacted"),
    [
        ({"ContactName": "Anna Schmidt"}, "is it anna? yes, SCHMIDT.", "is it [name 1]? yes, [name 1]."),
        ({"ContactName": "Anna Schmidt"}, "Annabelle and Schmidtke", "Annabelle and Schmidtke"),
        ({"FirstName": "José"}, "jose, JOSÉ and Jose\u0301", "[name 1], [name 1] and [name 1]"),
        ({"Last_Name__c": "Müller"}, "Mueller, muller, MÜLLER", "[name 1], [name 1], [name 1]"),
        ({"customer_name": "李伟"}, "我叫李伟，谢谢", "我叫[name 1]，谢谢"),
        ({"Name": "Zoë de Vries"}, "vries said de facto", "[name 1] said de facto"),
        ({"Phone": "+49 171 5550192"}, "0171/555 01 92 or 1715550192", "[phone 1] or [phone 1]"),
        ({"Phone": "01715550192"}, "it is 171-555-0192", "it is [phone 1]"),
        ({"BillingStreet": "Am Ring 5\n1. OG"}, "to am ring 5, please", "to [address 1], please"),
        ({"Birthdate": "1985-04-12"}, "12.04.1985 or April 12th, 1985", "[birth date 1] or [birth date 1]"),
        ({"ContactId": "003D000000QV9n2IAD"}, "id 003D000000QV9n2", "id [record id 1]"),
        ({"orderNumber": "88-1"}, "my 88-1 is late", "my [number 1] is late"),
        ({"Email": "a.schmidt@example.com"}, "a dot: A.SCHMIDT was here", "a dot: [email 1] was here"),
        ({"password": "sesame"}, "I typed sesame.", "I typed [secret 1]."),
        ({"City": "Berlin"}, "Berlin is nice", "[address 1] is nice"),
        ({"isVerifiedCustomer": "true", "Email": "NOT_SET", "Phone": ""}, "true, not set", "true, not set"),
    ],
)  # fmt: skip
def test_what_a_field_marks_as_a_persons_is_found_by_value(fields: dict[str, str], text: str, redacted: str) -> None:
    assert by_value(text, **fields) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "Please ask annA-schmidt about it",
        "anna\u200bschmidt",
        "Ａｎｎａ Schmidt",
        "an\u00adna.schmidt",
        "ANNA_SCHMIDT",
        "Schmidt, Anna",
    ],
)
def test_a_known_name_is_found_however_it_is_written(text: str) -> None:
    assert "nna" not in by_value(text, Name="Anna Schmidt").casefold()
    assert "schmidt" not in by_value(text, Name="Anna Schmidt").casefold()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Name", PersonalKind.NAME),
        ("$Context.ContactName", PersonalKind.NAME),
        ("First_Name__c", PersonalKind.NAME),
        ("EndUserLanguage", None),
        ("ProductName", None),
        ("actionName", None),
        ("topicName", None),
        ("agentName", None),
        ("customerEmail", PersonalKind.EMAIL),
        ("emailTemplate", None),
        ("HomePhone", PersonalKind.PHONE),
        ("PersonBirthdate", PersonalKind.BIRTH_DATE),
        ("shipping_postal_code", PersonalKind.ADDRESS),
        ("MessagingEndUserId", PersonalKind.RECORD),
        ("caseNumber", PersonalKind.REFERENCE),
        ("clientIp", PersonalKind.IP_ADDRESS),
        ("recipe", None),
        ("status", None),
        ("telefonnummer", None),
        ("", None),
    ],
)
def test_a_field_is_judged_by_its_name(name: str, kind: PersonalKind | None) -> None:
    assert kind_of_field(name) == kind


@pytest.mark.parametrize(
    ("question", "answer", "redacted"),
    [
        ("May I have your name?", "anna schmidt", "[name 1]"),
        ("What is your name, please?", "It's Anna Schmidt.", "It's [name 1]."),
        ("Wie heißen Sie?", "Schmidt", "[name 1]"),
        ("Your order number, please?", "4482910", "[number 1]"),
        ("Please enter your customer number.", "ok 44 829 10", "ok [number 1]"),
        ("What is your password?", "sesame4u", "[secret 1]"),
        ("How can I help you?", "Order shoes", "Order shoes"),
        ("What is your name?", "no", "no"),
        ("How many items are in the order?", "12", "12"),
    ],
)
def test_a_question_announces_the_answer(question: str, answer: str, redacted: str) -> None:
    assert redact_written([question, answer]) == (question, redacted)


def test_text_that_stays_is_not_normalized() -> None:
    text = "①\u00a0Ｈｅｌｌｏ\u200b, cafe\u0301 – “ok” \U0001f600 anna@example.com ﬁn\u2028"
    assert redact_written([text])[0] == text.replace("anna@example.com", "[email 1]")


def test_the_map_of_a_plain_text_leads_back() -> None:
    source = random.Random(7)  # noqa: S311 - texts for a test
    alphabet = "aé\u0301\u200b１ﬁ\u00a0\ud800\n😀Ａ–\u0300\u202e"
    for _ in range(300):
        text = "".join(source.choice(alphabet) for _ in range(source.randrange(40)))
        plain = plain_text(text)
        assert len(plain.text) == len(plain.starts) == len(plain.ends)
        for start, end in zip(plain.starts, plain.ends, strict=True):
            assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "1",
            " ",
            "A ",
            "1 ",
            "a.",
            "0",
            "(",
            "4 ",
            "a@",
            "@",
            "-",
            "\n",
            "é\u0301",
            "\u0301",
            "Ab ",
            "12 Ab ",
        ),
        *(
            "my name is ",
            "order ",
            "password: ",
            "Herr ",
            "call me ",
            "1.",
            "a:",
            "::",
            "x at y dot ",
            "%40",
            "http://",
        ),
        *(
            "12 Main ",
            "Dear ",
            "Best,\n",
            "number: ",
            "plate ab ",
            "?a=",
            "00D",
            "A-",
            "de la ",
            "born on ",
            "IBAN DE",
        ),
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * size)[:size]
        start = time.perf_counter()
        redact_written([text], known=[KnownValue(kind=PersonalKind.NAME, value="Anna Schmidt")])
        return time.perf_counter() - start

    assert seconds(8_000) < 25 * max(seconds(1_000), 0.01)


def test_many_known_values_take_linear_time() -> None:
    known = [KnownValue(kind=PersonalKind.NAME, value=f"N{number:x} F{number:x}") for number in range(5_000)]
    start = time.perf_counter()
    (text,) = redact_written(["nobody of them is here, n1f4 but " * 1_000], known=known)
    assert time.perf_counter() - start < 5
    assert "n1f4" not in text


def test_random_texts_never_fail_and_never_shift() -> None:
    source = random.Random(11)  # noqa: S311 - texts for a test
    words = (
        *(
            "Dear",
            "Anna",
            "my name is",
            "order",
            "12345678",
            "@x",
            "a@b.de",
            "+49 17",
            "1",
            "5550",
            "192",
            "[name 1]",
        ),
        *(
            "\u202e",
            "\ud800",
            "é",
            "١٢٣",
            "４２",
            ",",
            ".",
            "\n",
            ":",
            "-",
            "/",
            "https://x/?token=abc",
            "password is",
            "00D",
        ),
    )
    for _ in range(300):
        text = " ".join(source.choice(words) for _ in range(source.randrange(25)))
        (once,) = redact_written([text])
        assert redact_written([once]) == (once,) or "[" in text


@pytest.mark.parametrize(
    ("text", "planted"),
    [
        ("VIN 1HGCM82633A004352", "1HGCM82633A004352"),
        ("hetu 010185-123A", "010185-123A"),
        ("rodné číslo 850101/1234", "850101/1234"),
        ("TC kimlik no 10000000146", "10000000146"),
        ("meu celular é (11) 98765-4321", "98765-4321"),
        ("電話は090-1234-5678です。", "090-1234-5678"),
        ("手机号是13812345678", "13812345678"),
        ("전화번호는 010-1234-5678입니다", "010-1234-5678"),
        ("the one time code I got is 884213", "884213"),
        ("skype: live:marlow.keane99", "marlow.keane99"),
    ],
)
def test_notations_of_more_countries_are_found(text: str, planted: str) -> None:
    (shown,) = redact_written([text])
    assert planted not in shown


@pytest.mark.parametrize(
    "text", ["The code I have is not accepted.", "Telegram is down.", "Job 17321234567890 ended."]
)
def test_what_looks_like_them_stays(text: str) -> None:
    assert redact_written([text]) == (text,)
