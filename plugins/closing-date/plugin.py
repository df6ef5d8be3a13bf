"""A routing step by the closing date of the financial year: `recent`, `old` or `unknown`."""

import datetime
import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import clock, documents
from wit_world.imports.types import (
    Failure, Rejection, StepError_Misconfigured, StepError_Other, StepError_Rejected,
)

import closing

# Pages that are read, from the first.
PAGES = 5


class Step(exports.Step):
    def run(self, input):
        settings = json.loads(input.settings)
        most = settings.get("months", 12)
        outcomes = {name: settings.get(name, name) for name in ("recent", "old", "unknown")}
        dates = guarded(lambda: read_dates(input.documents[0]))
        if not dates:
            return decision(outcomes["unknown"], "no closing date was found")
        today = datetime.date(1970, 1, 1) + datetime.timedelta(milliseconds=clock.now_ms())
        date = max(dates)
        months = closing.months_between(date, today)
        word = "recent" if months <= most else "old"
        return decision(outcomes[word], f"closed on {date.isoformat()}, {months} whole months ago")


class SelfTest(exports.SelfTest):
    def run(self):
        if closing.closing_dates("clos le 31 décembre 2025") != [datetime.date(2025, 12, 31)]:
            raise Err(Failure("dates", "this build does not read dates"))


def decision(outcome, reason):
    return exports.step.Decision(outcome, reason)


def read_dates(document_id):
    with documents.open(document_id) as document:
        pages = range(1, min(document.page_count(), PAGES) + 1)
        texts = [document.page_text(page) for page in pages]
    return [date for text in texts for date in closing.closing_dates(text)]


def guarded(ask):
    """Errors of the host become errors of the step, which say who can mend them. An exception that
    is no `Err` would trap."""
    try:
        return ask()
    except Err as error:
        raise Err(step_error(error.value)) from error


def step_error(error):
    if isinstance(error, documents.DocumentError_Denied):
        message = "`documents` is not granted: grant it in sceau.toml"
        return StepError_Misconfigured(Failure("not-granted", message))
    if isinstance(error, documents.DocumentError_Unreadable):
        fr = f"Le document ne peut pas être lu : {error.value}"
        return StepError_Rejected(Rejection("unreadable", fr, f"The document cannot be read: {error.value}"))
    return StepError_Other(Failure("document", type(error).__name__))
