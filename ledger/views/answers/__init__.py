"""What the read models answer: one frozen shape a thing. They are the response models of the HTTP interface, and the
columns of `views.sqlite3`, one a field; what is nested stands there as JSON.

Quantities are decimal strings in the unit beside them (UN/CEFACT Recommendation 20), never floats. Every answer says
at which size of the log it is true (`size`).
"""

from __future__ import annotations

from ledger.views.answers.after import Finding, Recall
from ledger.views.answers.base import Answer
from ledger.views.answers.contract import Contract, Line, Maker
from ledger.views.answers.goods import Delivery, Lot
from ledger.views.answers.orders import Allocation, Calloff
from ledger.views.answers.people import Party, Statement

__all__ = [
    "Allocation",
    "Answer",
    "Calloff",
    "Contract",
    "Delivery",
    "Finding",
    "Line",
    "Lot",
    "Maker",
    "Party",
    "Recall",
    "Statement",
]
