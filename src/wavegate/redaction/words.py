"""Words that tell what follows or what a capitalized word is not, in the languages that are covered."""

import re

LETTER = r"[^\W\d_]"


def word_set(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


PARTICLES = word_set(
    "de del della di da dos das du la le van von der den dem ten ter zu zur al el bin ben ibn y e af av st"
)
"""Words inside a name that have no capital."""

MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "mär",
    "mai",
    "okt",
    "dez",
    "janv",
    "fév",
    "mars",
    "avr",
    "juin",
    "juil",
    "août",
    "sept",
    "déc",
    "ene",
    "abr",
    "ago",
    "dic",
    "gen",
    "mag",
    "giu",
    "lug",
    "set",
    "ott",
    "januari",
    "maart",
    "juni",
    "juli",
    "augustus",
    "fevereiro",
    "maio",
]
"""How the names of months start."""

NOT_NAMES = word_set(
    # articles, pronouns, prepositions and verbs that follow a salutation or an introduction
    "a an the this that these those there it its is are was were not no yes please and or but in on at by of "
    "for from "
    "to with your our my his her their we you i he she they all everybody everyone folks guys again still just also "
    "very so too sorry happy glad sure afraid unable able trying looking waiting calling writing here back new now "
    "what when where why how who which can could would should do does did have has had if any some only if "
    # what a name is said to be
    "wrong missing misspelled misspelt incorrect shown spelled spelt listed printed unknown hidden different "
    "first last full given family name surname phone email address "
    # who is addressed when it is nobody
    "mr mrs ms miss mx dr prof sir madam madame monsieur mister customer customers client team support "
    "service services staff colleagues "
    "friends friend user users member members agent bot assistant company acme shop store sales desk help center "
    "world good morning afternoon evening day hello hi hey thank thanks many best kind regards yours "
    # days, months and what is sold
    "monday tuesday wednesday thursday friday saturday sunday january february march july august "
    "september october november december black cyber christmas easter prime premium gold silver amazing great "
    # nationalities and languages
    "german english british american french spanish italian dutch austrian swiss polish irish scottish canadian "
    "australian european indian chinese japanese portuguese swedish danish norwegian finnish turkish greek russian "
    # German
    "der die das ein eine einen diese dieser dieses nicht kein keine hier es ist sehr seit bei mit von und "
    "oder in im "
    "am ich sie wir ihr euch ihnen damen herren kunde kunden kundin zusammen leute liebe lieber vielen dank "
    "guten tag "
    "morgen abend hallo herr frau mein meine wie was wann wo warum können könnte bitte aus zu zur leider auch noch "
    "rentner student studentin mitglied neukunde stammkunde vorname nachname falsch unsinn telefon anschrift adresse "
    "sehr geehrte geehrter kundenservice kundendienst "
    # French
    "je vous nous il elle ce cette un une le la les des du pas client cliente très déçu tous toutes bonjour mesdames "
    "messieurs merci cher chère nom prénom en au aux à et ou où quand comment pourquoi mon ma mes votre "
    # Spanish, Portuguese and Italian
    "yo el los las una uno no sí de del que cuando cómo dónde por para cliente clienta estimado estimada "
    "señor señora "
    "muy gracias buenos buenas días tardes nombre apellido apellidos soy estoy sono molto il lo gli che non "
    "per signor "
    "signora grazie gentile cognome nome o os as um uma não meu minha bom boa dia senhor senhora "
    # Dutch, Swedish, Polish
    "ik een het van niet naam geachte beste meneer mevrouw jag inte nie jestem pan pani"
)

_LEAD_WORDS = (
    r"is|are|was|isn't|being|ist|lautet|lauten|sind|war|est|es|è|é|era|er|jest|är|to|le|la|el|il|de|do|del|"
    r"der|die|das|"
    r"number|numbers|num|no|nr|nummer|numéro|número|numero|numer|code|id|card|key|value|called|of"
)
LEAD = rf"(?:[\s:=#№°º.,\"'(-]{{0,4}}(?:(?:{_LEAD_WORDS})(?![\w])|n[°º])){{0,4}}[\s:=#№°º.\"'(-]{{0,4}}"
"""What may be between a word that announces a number and the number: `order no. is: `."""


def announced(words: str, value: str, *, lead: str = LEAD, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """A pattern for a value, group `value`, that follows one of the words. Bounded, so that it takes linear time."""
    return re.compile(rf"(?<!\w)(?:{words}){lead}(?-i:(?P<value>{value}))", flags)
