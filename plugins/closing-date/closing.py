"""The closing date of a financial year, as French accounts write it. Nothing here knows the host,
so that `python3 -m unittest` runs it as it is."""

import datetime
import re
import unicodedata

MONTHS = [
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
]

# "exercice clos le 31 décembre 2025", "clôture au 31/12/2025", "arrêtés au 30.06.2025"
CLOSED = re.compile(
    r"\b(?:clos|close|cloture|arretes?|arretee?s?)\s+(?:le|au)\s+"
    r"(\d{1,2})(?:er)?(?:\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*|\s+(" + "|".join(MONTHS) + r")\s+)(\d{4})\b"
)


def plain(text):
    """Small letters without accents, one blank between words."""
    letters = unicodedata.normalize("NFD", " ".join(text.split()).lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def closing_dates(text):
    """Each closing date that the text tells, in its order. What is no date of the calendar is left out."""
    found = []
    for day, month, name, year in CLOSED.findall(plain(text)):
        number = int(month) if month else MONTHS.index(name) + 1
        try:
            found.append(datetime.date(int(year), number, int(day)))
        except ValueError:
            continue
    return found


def months_between(earlier, later):
    """Whole months from one date to another; negative where `later` is the earlier one."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - 1 if later.day < earlier.day else months
