"""The words that dates are said with, in English, French and German, folded: small letters, no accents."""

from __future__ import annotations

import unicodedata

_MONTHS = (
    "january jan janvier janv januar janner",
    "february feb fevrier fevr februar feber",
    "march mar mars marz",
    "april apr avril avr",
    "may mai",
    "june jun juin juni",
    "july jul juillet juil juli",
    "august aug aout",
    "september sept sep septembre",
    "october oct octobre oktober okt",
    "november nov novembre",
    "december dec decembre dezember dez",
)
_SEASONS = {
    3: "spring printemps fruhling fruhjahr",
    6: "summer ete sommer",
    9: "autumn fall automne herbst",
    12: "winter hiver",
}
_NUMBERS = (
    "",
    "a an one un une ein eine einem einer",
    "two deux zwei couple",
    "three trois drei",
    "four quatre vier",
    "five cinq funf",
    "six sechs",
    "seven sept sieben",
    "eight huit acht",
    "nine neuf neun",
    "ten dix zehn",
    "eleven onze elf",
    "twelve douze zwolf",
)
_UNITS = {
    "day": "day days jour jours tag tage tagen",
    "week": "week weeks semaine semaines woche wochen",
    "month": "month months mois monat monate monaten",
    "year": "year years an ans annee annees jahr jahre jahren",
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
SEASONS = {word: month for month, words in _SEASONS.items() for word in words.split()}
NUMBERS = {word: number for number, words in enumerate(_NUMBERS) for word in words.split()}
UNITS = {word: unit for unit, words in _UNITS.items() for word in words.split()}
DAYS_BACK = {
    "today": 0,
    "heute": 0,
    "aujourd'hui": 0,
    "yesterday": 1,
    "gestern": 1,
    "hier": 1,
    "vorgestern": 2,
    "avant-hier": 2,
}
CHRISTMAS = _set("christmas xmas noel weihnachten")

LAST = _set("last past previous letzte letzten letztes letzter letztem vorige vorigen voriges vergangene vergangenen")
LAST_AFTER = _set("dernier derniere derniers dernieres passe passee")  # French says it behind: "l'été dernier"
THIS = _set("this current ce cet cette diese diesen dieses diesem dieser")
AGO = _set("ago")
FILLERS = _set("the of de du d l le la les den dem der das des im month mois annee an year jahr jahre monat")
"""What may stand between a preposition and a date, or inside one: "in the summer of 2023", "au mois de juin"."""

INSIDE = _set("in during on from of en pendant durant au aux le du de dans im am an in wahrend aus vom von")
SINCE = _set("since depuis seit")
AFTER = _set("after apres nach")
BEFORE = _set("before avant vor")
UNTIL = _set("until till jusque jusqu bis")
FROM = _set("from between de du entre von vom zwischen")
TO = _set("to until till through and a au et bis und -")
LATER = _set("later newer onwards")


def fold(word: str) -> str:
    """Return a word in small letters, without accents."""
    plain = unicodedata.normalize("NFD", word.casefold().replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
