"""What only the models refuse: changes of the examples that their schemas accept, by the one problem that is told."""

from typing import Any

from tests.support.examples import EXAMPLES, MISSING
from tests.support.world import party, quantity

LOT, OTHER = "b1" * 32, "b2" * 32
DISPATCHED = EXAMPLES["delivery.dispatched"]["body"]["items"][0]
RECEIVED = EXAMPLES["delivery.received"]["body"]["items"][0]
DECIDED = EXAMPLES["delivery.decided"]["body"]["items"][0]
LOCATED = EXAMPLES["recall.acknowledged"]["body"]["items"][0]
DRAWN = EXAMPLES["calloff.issued"]["body"]["lines"][0]
TERMS = EXAMPLES["framework.signed"]["body"]["lines"][0]
PLANNED = EXAMPLES["specification.published"]["body"]["checks"][0]
NO_GOODS: dict[str, Any] = {"refs.lots": [], "body.items": [], "body.unattributed": []}
ALL_ZERO = {"lot": LOT} | dict.fromkeys(("good", "damaged", "short", "excess"), quantity(0))

_KNOWN_KEYS = "names a kind of key that is not known here (expected: Ed25519 (z6Mk...) or P-256 (zDn...))"

UNREADABLE: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "body.lines.0.quantity: the quantity is 0 pieces (expected: more than 0)": [
        ("calloff.issued", {"body.lines.0.quantity.value": "0"}),
        ("allocation.withdrawn", {"body.lines.0.quantity.value": "0"}),
    ],
    "body.most: the quantity is 0 pieces (expected: more than 0)": [
        ("delegation.granted", {"body.most.value": "0.0"}),
    ],
    "body.rejected: 0.5 H87 is not a whole number (expected: a whole number, as H87 (piece) is counted)": [
        ("batch.signed_off", {"body.rejected.value": "0.5"}),
    ],
    "body.tolerance_percent: 100.1 is more than 100 (expected: a percentage from 0 to 100)": [
        ("framework.signed", {"body.tolerance_percent": "100.1"}),
    ],
    f"body.consignee: did:key:z6Mk {_KNOWN_KEYS}": [("calloff.issued", {"body.consignee": "did:key:z6Mk"})],
    f"body.key: did:key:z6Mk {_KNOWN_KEYS}": [
        ("key.added", {"body.key": "did:key:z6Mk"}),
        ("key.revoked", {"body.key": "did:key:z6Mk"}),
    ],
    "body.warranty: the text is blank (found ' \\n')": [("framework.signed", {"body.warranty": " \n"})],
    "body.reason: the text holds the control character U+001B (found 'good\\x1b[2J')": [
        ("batch.held", {"body.reason": "good\x1b[2J"}),
        ("framework.closed", {"body.reason": "good\x1b[2J"}),
    ],
    "body.device: the text has more than one line (found 'phone\\nVERIFIED')": [
        ("key.added", {"body.device": "phone\nVERIFIED"}),
    ],
    "body.position.latitude: a position is at most 90 degrees here (found '-90.000001')": [
        ("party.enrolled", {"body.position.latitude": "-90.000001"}),
    ],
    "body.position.longitude: a position is at most 180 degrees here (found '180.1')": [
        ("party.enrolled", {"body.position.longitude": "180.1"}),
    ],
}
"""One value, of a form that the schema knows."""

TOGETHER: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "body.recovery: a recovery party is named twice": [
        ("party.enrolled", {"body.recovery.parties": [party("Hub"), party("Hub")]}),
    ],
    "body.recovery: more recovery parties are needed than are named": [
        ("party.enrolled", {"body.recovery.needed": 3}),
    ],
    "the event as a whole: refs.last_good is said of a compromised key only": [
        ("key.revoked", {"body.reason": "lost"}),
        ("key.revoked", {"body.reason": "scheduled"}),
    ],
    "body: a characteristic stands twice in the check plan": [
        ("specification.published", {"body.checks": [PLANNED, PLANNED | {"by": "inspector"}]}),
    ],
    "body.period: the period ends before it begins": [
        ("framework.signed", {"body.period.last": "2025-12-31"}),
    ],
    "body.made_between: the period ends before it begins": [
        ("batch.signed_off", {"body.made_between.last": "2026-04-30"}),
    ],
    "body: line 1 stands twice: each is named once": [
        ("framework.signed", {"body.lines": [TERMS, TERMS]}),
        ("framework.amended", {"body.added.0.line": "1"}),
        ("calloff.issued", {"body.lines": [DRAWN, DRAWN]}),
        ("calloff.cancelled", {"body.lines": [DRAWN, DRAWN]}),
        ("allocation.offered", {"body.lines": [DRAWN, DRAWN]}),
        ("allocation.withdrawn", {"body.lines": [DRAWN, DRAWN]}),
        ("payment.recorded", {"body.lines": [DRAWN, DRAWN]}),
    ],
    "body.lines.0: the ceiling is not in the line's unit": [
        ("framework.signed", {"body.lines.0.ceiling": quantity("1 KGM")}),
    ],
    "body.added.0: the ceiling is not in the line's unit": [
        ("framework.amended", {"body.added.0.ceiling": quantity("1 KGM")}),
    ],
    "the event as a whole: refs.specifications and the lines' specifications differ": [
        ("framework.signed", {"refs.specifications": []}),
        ("framework.signed", {"refs.specifications": ["f1" * 32, "f2" * 32]}),
        ("framework.signed", {"body.lines.0.specification": MISSING}),
        ("framework.amended", {"refs.specifications": ["f1" * 32]}),
        ("framework.amended", {"body.lines.0.specification": {"was": "f1" * 32, "now": "f2" * 32}}),
        ("framework.amended", {"body.added.0.specification": "f2" * 32}),
    ],
    "the event as a whole: refs.specifications names a specification twice": [
        ("framework.signed", {"refs.specifications": ["f1" * 32, "f1" * 32]}),
        ("framework.amended", {"refs.specifications": ["f1" * 32, "f1" * 32]}),
    ],
    "body: prices are confidential here: commit to them": [
        ("framework.signed", {"body.confidential": ["phone", "price"]}),
    ],
    "body: the amendment changes nothing": [
        ("framework.amended", {"body.lines": [], "body.added": [], "body.last_day": None}),
    ],
    "body.lines.0: nothing changes about this line: leave it out": [
        ("framework.amended", {"body.lines.0": {"line": "1"}}),
    ],
    "body: conditions go with a conditional decision, and with no other": [
        ("sample.decided", {"body.decision": "conditional"}),
        ("sample.decided", {"body.conditions": "Round the corners."}),
        ("sample.decided", {"body.conditions": "Round the corners.", "body.decision": "fail"}),
    ],
    "body.results.0: more failed than were checked": [("sample.decided", {"body.results.0.failed": 2})],
    "body.checks.0: more failed than were checked": [("batch.signed_off", {"body.checks.0.failed": 81})],
    "the event as a whole: refs.inputs names a lot twice": [
        ("batch.signed_off", {"refs.inputs": [OTHER, OTHER]}),
    ],
    "the event as a whole: refs.lots and the lots of body.items differ": [
        ("delivery.dispatched", {"refs.lots": []}),
        ("delivery.dispatched", {"refs.lots": [OTHER]}),
        ("delivery.dispatched", {"refs.lots": [LOT, OTHER]}),
        ("delivery.dispatched", {"body.items": []}),
        ("delivery.received", {"refs.lots": [OTHER]}),
        ("delivery.decided", {"refs.lots": [OTHER]}),
        ("recall.acknowledged", {"refs.lots": [OTHER]}),
    ],
    "the event as a whole: refs.lots names a lot twice": [
        ("delivery.dispatched", {"refs.lots": [LOT, LOT], "body.items": [DISPATCHED, DISPATCHED]}),
        ("delivery.received", {"refs.lots": [LOT, LOT], "body.items": [RECEIVED, RECEIVED]}),
        ("delivery.decided", {"refs.lots": [LOT, LOT], "body.items": [DECIDED, DECIDED]}),
        ("recall.opened", {"refs.lots": [LOT, LOT]}),
        ("recall.acknowledged", {"refs.lots": [LOT, LOT], "body.items": [LOCATED, LOCATED]}),
    ],
    "the event as a whole: no goods: name lots in items, or lines in unattributed": [
        ("delivery.dispatched", NO_GOODS),
        ("delivery.received", NO_GOODS),
    ],
    "the event as a whole: unattributed goods need refs.calloff: they point to no lot": [
        ("delivery.dispatched", {"refs.calloff": MISSING}),
        ("delivery.received", {"refs.calloff": MISSING}),
    ],
    "body.items.0: good, damaged, short and excess are not in one unit": [
        ("delivery.received", {"body.items.0.short": quantity("12 EA")}),
    ],
    "body.items.0: all four quantities are 0: leave the lot out": [
        ("delivery.received", {"body.items.0": ALL_ZERO}),
    ],
    "body.items.0: a lot on one waybill is either short or in excess, not both": [
        ("delivery.received", {"body.items.0.excess": quantity(1)}),
    ],
    "body.items.0: accepted and rejected are not in one unit": [
        ("delivery.decided", {"body.items.0.rejected": quantity("10 EA")}),
    ],
    "body.unattributed.0: accepted and rejected are not in one unit": [
        ("delivery.decided", {"body.unattributed.0.rejected": quantity("0 EA")}),
    ],
    "body.items.0: nothing is accepted and nothing rejected: leave it out": [
        ("delivery.decided", {"body.items.0.accepted": quantity(0), "body.items.0.rejected": quantity(0)}),
    ],
    "body.unattributed.0: nothing is accepted and nothing rejected: leave it out": [
        ("delivery.decided", {"body.unattributed.0.accepted": quantity(0)}),
    ],
    "body: goods are rejected without a reason": [
        ("delivery.decided", {"body.reason": MISSING}),
        (
            "delivery.decided",
            {
                **NO_GOODS,
                "body.unattributed": [{"line": "1", "accepted": quantity(0), "rejected": quantity(1)}],
                "body.reason": None,
            },
        ),
    ],
    "body: nothing is decided: name lots in items, or lines in unattributed": [
        ("delivery.decided", NO_GOODS),
    ],
    "the event as a whole: nothing is called back: name lots, inputs or a specification": [
        ("recall.opened", {"refs.lots": [], "body.inputs": []}),
    ],
    "body.items.0: located and quarantined are not in one unit": [
        ("recall.acknowledged", {"body.items.0.located": quantity("1170 EA")}),
    ],
    "body.items.0: more is quarantined than was located": [
        ("recall.acknowledged", {"body.items.0.located": quantity(1169)}),
    ],
    "the event as a whole: what did not occur has no replacement": [
        ("correction.declared", {"refs.replacement": "d5" * 32}),
    ],
    "body: nothing is erased: name commitments, or contents": [
        ("erasure.recorded", {"body.commitments": []}),
    ],
    "body: contents are erased by order only: name the order": [
        ("erasure.recorded", {"body.contents": True}),
        ("erasure.recorded", {"body.contents": True, "body.commitments": []}),
    ],
}
"""Values that do not go together."""

FAULTS = [
    (name, changes, problem)
    for problem, cases in {**UNREADABLE, **TOGETHER}.items()
    for name, changes in cases
]
