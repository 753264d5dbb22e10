"""The terms of a contract on a day: as signed, and as changed by every accepted amendment effective by then.

An amendment takes effect where its acceptance is registered, for what happens from its effective day on. So an order
written before that day is judged by the terms it was written under, in whatever order the statements arrive.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

import msgspec

from ledger.rules.records import Framework, FrameworkLine, LineTerms, Terms
from ledger.units import Quantity


def terms_on(framework: Framework, day: date) -> Framework:
    """The contract with every change that is effective on `day`. Lines added later are left out."""
    effective = (one for one in framework.changes if one.effective <= day)
    return reduce(changed_by, effective, _without_added(framework, day))


def latest_terms(framework: Framework) -> Framework:
    """The contract with all its accepted changes, whenever they are effective."""
    return reduce(changed_by, framework.changes, framework)


def most_called(terms: Framework, line: FrameworkLine) -> Quantity | None:
    """The most that call-offs of a line may add up to under these terms, the tolerance included; None for no end."""
    if line.ceiling is None:
        return None
    return Quantity(line.ceiling, line.unit).with_tolerance(terms.tolerance)


def _without_added(framework: Framework, day: date) -> Framework:
    lines = [line for line in framework.lines if line.since is None or line.since <= day]
    if len(lines) == len(framework.lines):
        return framework
    return msgspec.structs.replace(framework, lines=tuple(lines))


def changed_by(framework: Framework, terms: Terms) -> Framework:
    """The contract as one change leaves it; lines that it adds aside."""
    by_line = {one.line: one for one in terms.lines}
    return msgspec.structs.replace(
        framework,
        last_day=terms.last_day or framework.last_day,
        tolerance=framework.tolerance if terms.tolerance is None else terms.tolerance,
        lines=tuple(_line(line, by_line.get(line.line)) for line in framework.lines),
    )


def _line(line: FrameworkLine, terms: LineTerms | None) -> FrameworkLine:
    if terms is None:
        return line
    return msgspec.structs.replace(
        line,
        ceiling=terms.ceiling.value if terms.ceiling else line.ceiling,
        price=terms.price.price if terms.price else line.price,
        specifications=(*line.specifications, terms.specification)
        if terms.specification
        else line.specifications,
    )
