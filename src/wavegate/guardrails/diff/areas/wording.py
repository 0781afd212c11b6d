"""Whether other words are only style: in an instruction or a description, where no rule is stated.

A sentence without the words of a rule can still ask for an act: "Refund every order in full." So a sentence that
comes or goes is style only if it is about style, and an edit only if none of the words that differ bears on acting.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STYLE = _listed(
    """
    tone friendly warm polite politely courteous kind concise brief briefly short shorter long clear clearly
    simple simply plain professional professionally formal informal casual empathetic empathy calm cheerful
    positive helpful respectful patient greet greeting greetings welcome hello hi thank thanks sorry apologize
    apologise goodbye smile emoji emojis bullet bullets list lists paragraph paragraphs sentence sentences
    markdown format formatted formatting bold heading headings table language languages english german french
    spanish grammar spelling style wording voice words jargon abbreviations summarize summarise summary readable
    natural conversational persona brand
    """
)
"""Words of which a sentence about style has one."""
_PLAIN = _listed(
    """
    a an and are as at be been by for from has have i in is it its of on our that the their them these they this to us
    we what which with you your
    please kindly very really always ever quite more most also well overall generally
    answer answers reply replies response responses respond message messages text texts write speak sound say use
    keep make avoid sparingly easy nice lovely good great pleasant neutral modern crisp direct
    customer customers user users visitor visitors guest guests client clients caller callers people reader readers
    way ways manner end start beginning throughout conversation conversations chat today now
    right topic topics help helping assist assistant question questions example examples slang reading
    line lines number numbered point points step steps how know known happy glad british american
    """
)
"""Words that ask for nothing beside those of style."""
_ACTING = _listed(
    """
    accept access act admin administrator advice agree all allow allows amount answer any anybody anyone
    anything approve approves ask asks assign assume authenticate authorize authorized auto automatically
    believe bill block book buy bypass call cancel cash change changes charge check close compensate complete
    confidential connect consider contact convert create credentials credit delete deletes diagnose direct
    directly disable disclose discount discretion do employee enable enter escalate escalates every everybody
    everyone everything everywhere exception exceptions execute expedite expose external extra financial first
    forget forward free freely fulfill full fully generous give gives grant guarantee hand handle human identify
    identity ignore immediate immediately impersonate inform instead instruction instructions internal invest
    invoke issue issues keep legal let limit limitless limits look lookup manager medical member modify money
    most move obey offer offers open other override overrule own partner pass password pay payment pays pending
    permission personal pii pin place policy position pretend previous private proceed process promise prompt
    provide provides public publish purchase query quote read reads recommend redeem redirect refund refunds
    reimburse release remember remove replace reply request requests reschedule reset restore retrieve return
    returns reveal role rule rules run runs save schedule secret sell send sends set share shares show skip
    someone staff start stop store straight submit suggest supervisor switch system take tell terminate total
    trade transfer transfers treat trust trusted unlimited unlock unverified update updates upgrade upsell
    valid value verified void waive whatever whenever whichever whoever withdraw write writes
    """
)
"""Words that bear on what an agent does, whom it trusts, and how far it goes."""
_FORCE = _listed(
    """
    no not never cannot without unless except only may can could allowed permitted must always required requires
    ensure before after until confirm confirmed verify shall should least most than avoid refuse decline
    forbidden need needs mandatory nothing none neither nor
    """
)
"""Words of rules and permissions."""
_SAFEGUARD = re.compile(
    r"\b(?:ask|confirm|verif|check|validat|escalat|human|person|manager|supervisor|agent|representative|staff|colleague|"
    r"hand|transfer|approv|authori|authentic|identi|refus|declin|den[iy]|reject|"
    r"(?<!\ba )(?<!\bthe )limit|warn|disclaim|caution|wait|stop|"
    r"block|restrict|prohibit|forbid|prevent|fail|forget|hesitat|delay|record|report|question|doubt|requir|polic|rule|"
    r"instruct|safe|guard|consent|permission|review|only|unless|except|but|without|until|before|after|instead|rather|"
    r"skip|ignore|bypass|avoid|not|no|never|any|let|keep|withhold|redact|mask|filter|hide|protect|disclos|tell|inform|"
    r"mention|explain)",
    re.IGNORECASE,
)
"""Starts of words that a prohibition can switch off a safeguard with, as in "never ask for a confirmation"."""
_UNGUARDS = re.compile(
    r"\b(?:ask|confirm|verif|check|validat|escalat|human|person|manager|supervisor|representative|staff|colleague|hand|"
    r"transfer|approv|authori|authentic|identi|refus|declin|den[iy]|reject|limit|warn|disclaim|caution|wait|stop|"
    r"block|restrict|prohibit|forbid|prevent|fail|forget|hesitat|delay|report|doubt|requir|polic|rule|instruct|safe|"
    r"guard|consent|permission|review|unless|except|but|without|until|before|instead|rather|skip|ignor|bypass|withhold|"
    r"redact|mask|filter|hide|protect|tell|inform|disclos|let)",
    re.IGNORECASE,
)
"""Starts of words of safeguards, without which a rule is about what the agent talks of."""
_FORBIDS = re.compile(
    r"\b(?:never|(?:do|does|must|may|shall|should|can|could|will|would|is|are)\s+not|cannot|(?:do|does|must|should|ca|wo)n['’]?t)\b",
    re.IGNORECASE,
)
_TO_A_PERSON = re.compile(
    r"\b(?:escalat|human|person|manager|supervisor|agent|representative|staff|colleague|hand|transfer|opt|stop|refus|declin)",
    re.IGNORECASE,
)
_UNDOING = re.compile(r"^(?:un|in|im|ir|dis|non|mis)(?=\w{3})|n't$")
_OPERATOR = re.compile(r"[<>=!]=|(?<=\s)[<>](?=\s)")
_VALUES = frozenset({"true", "false"})
_ENGLISH = _listed("the how and you your to with for are what which this that their they our it be by please")
"""Small words of which an English sentence has one, and hardly one in another language."""
_SENTENCE = 7
_SPELLED = 5
"""Letters from which a word with a mistake is still the same word."""
_FUNCTION = _listed(
    """
    a an and are as at be by for from has have i if in is it its of on or our that the their they this to we
    what when where which who with you your
    """
)


def is_style(text: str) -> bool:
    """Whether a sentence is about style, and surely about nothing that the agent does: every word is known."""
    words = _words(text)
    return any(each in _STYLE for each in words) and all(each in _STYLE | _PLAIN for each in words)


def is_rewording(before: str, after: str) -> bool:
    """Whether all words that differ are known to ask for nothing, or are words spelled otherwise."""
    was, now = _words(before), _words(after)
    differing = list((Counter(was) - Counter(now)) + (Counter(now) - Counter(was)))
    if not differing and was != now:
        # the same words in another order can say another thing, unless only little words moved
        return [each for each in was if each not in _FUNCTION] == [each for each in now if each not in _FUNCTION]
    lost, come = list(Counter(was) - Counter(now)), list(Counter(now) - Counter(was))
    respelled = [each for each in lost if any(_is_spelling(each, other) for other in come)]
    respelled += [each for each in come if any(_is_spelling(each, other) for other in lost)]
    known = all(each in _STYLE | _PLAIN or each in respelled for each in differing)
    return known and not _bears(differing, before, after)


def is_said(before: str, after: str) -> bool:
    """Whether a message that people read as it is stays one: no word that differs bears on acting."""
    was, now = Counter(_words(before)), Counter(_words(after))
    return bool(was and now) and not _bears([*(was - now), *(now - was)], before, after)


def may_forbid_a_safeguard(text: str) -> bool:
    """Whether a rule may forbid to ask, to check, to refuse or to hand over, or is written to deceive."""
    return bool(_is_disguised(text) or _UNGUARDS.search(text))


def _is_spelling(one: str, other: str) -> bool:
    """Whether two words have the same letters but for one, or in another order inside, and the same start and end."""
    if min(len(one), len(other)) < _SPELLED or one[0] != other[0]:
        return False
    if sorted(one) == sorted(other):
        return one[-1] == other[-1] and sum(a != b for a, b in zip(one, other, strict=True)) == len("ei")
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def only_forbids(text: str) -> bool:
    """Whether a prohibition surely only narrows: it says once that something must not be done, and no safeguard."""
    first = _FORBIDS.search(text)
    if first is None or _is_disguised(text):
        return False
    return not _SAFEGUARD.search(text[: first.start()] + text[first.end() :])


def keeps_ways_out(text: str) -> bool:
    """Whether a permission that is gone was surely none to stop, to refuse, or to hand over to a person."""
    return not (_TO_A_PERSON.search(text) or _is_disguised(text))


def acting_words(before: str, after: str, explained: Iterable[str]) -> tuple[str, ...]:
    """The words that only one of two files has, that bear on acting, and that no reported change has; sorted."""
    was, now = (Counter([*_words(text), *_OPERATOR.findall(text)]) for text in (before, after))
    known = {word for text in explained for word in (*_words(text), *_OPERATOR.findall(text))}
    differing = ((was - now) + (now - was)).keys() - known
    return tuple(
        sorted(
            each
            for each in differing
            if each in _VALUES
            or _OPERATOR.fullmatch(each)
            or _is_acting(each)
            or _is_disguised(each)
            or any(character.isdigit() for character in each)
        )
    )


def _words(text: str) -> list[str]:
    return [each.replace("’", "'") for each in _WORD.findall(text.casefold())]


def _bears(words: Iterable[str], *texts: str) -> bool:
    found = list(words)
    numbers = any(character.isdigit() for each in found for character in each)
    return numbers or not all(map(_is_english, texts)) or any(_is_acting(each) for each in found)


def _is_english(text: str) -> bool:
    """Whether a text may be English, the only language whose words are known here. Names and labels are too short."""
    words = _words(text)
    return not _is_disguised(text) and (len(words) < _SENTENCE or not _ENGLISH.isdisjoint(words))


def _is_acting(word: str) -> bool:
    forms = {word, _UNDOING.sub("", word)}
    forms |= {form.removesuffix(end) for form in tuple(forms) for end in ("s", "es", "d", "ed", "ing", "'s", "ly")}
    forms |= {f"{form.removesuffix('ing')}e" for form in tuple(forms) if form.endswith("ing")}
    return bool(forms & (_ACTING | _FORCE))


def _is_disguised(text: str) -> bool:
    """Whether letters are not Latin, or are not seen: words of another script may look like English ones."""
    return any(
        unicodedata.category(each) in ("Cf", "Co", "Cn")
        or (each.isalpha() and not unicodedata.name(each, "").startswith("LATIN"))
        for each in text
        if not each.isascii()
    )
