"""Making: lots signed off, sent again, forged, inspected, held, replaced, and four weeks of them without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.errors import SignatureInvalid
from ledger.rules.catalogue import Rule
from ledger.scenario.cast import enrolments, on, statement_id
from ledger.scenario.chapters.samples import decided
from ledger.scenario.lots import Lot, sign_off_body
from ledger.scenario.people import LARGE
from ledger.scenario.telling import Telling

FAILED_LOT: Final = "PUN-02-03"
INSTEAD: Final = "PUN-02-06"
SHORT_LOT: Final = "HYD-06-01"
LATE_LOT: Final = "MUM-04-02"
RECALLED_LOTS: Final = ("PUN-03-02", "DEL-07-01", "HYD-04-01")
RECALLED_SHEET: Final = "CS-0311"
_DOUBTFUL_LOT: Final = "MUM-02-01"


def as_it_went(planned: list[Lot]) -> Iterator[Lot]:
    """Not all goes as planned: one lot falls short, one is late, one maker splits a lot and makes 500 again, and
    three cut from one lot of sheet that came by another way."""
    for lot in planned:
        sheet = RECALLED_SHEET if lot.name in RECALLED_LOTS else lot.sheet
        if lot.name == SHORT_LOT:
            yield replace(lot, released=lot.released - 30)
        elif lot.name == LATE_LOT:
            yield replace(lot, signed_at=on(4, 16, 13))
        elif lot.name == "PUN-02-03":
            yield replace(lot, released=500, signed_at=lot.signed_at - timedelta(days=4))
            yield replace(lot, number=4, released=2_500)
        elif lot.name == "PUN-02-04":
            yield replace(lot, number=5)
            yield replace(lot, number=6, released=500, signed_at=on(4, 6, 9))
        else:
            yield replace(lot, sheet=sheet)


def first_lots(t: Telling) -> None:
    t.chapter(
        "The first lots",
        "Eight makers sign off their first 3,000 pieces: how many were made, rejected and released, of which sheet, "
        "and what was checked on how many. The next day each lot goes to the hub, which counts it.",
        on(3, 16, 18),
        t.made(t.due_by(on(3, 16, 0))),
    )


def sent_three_times(t: Telling) -> None:
    t.repeated(
        "Sent three times",
        "A phone in Andheri got no answer and sends its sign-off again, and again. The log answers each time "
        "with the place the statement has had since the first.",
        on(3, 17, 9),
        [t.signed_off["MUM-01-01"]] * 2,
    )


def forgeries(t: Telling) -> None:
    stranger, first = t.cast.stranger, t.lot("PUN-01-01")
    t.chapter(
        "A stranger",
        "A trader who has no part in the contract enrols. The log takes that: it gives no right to anything.",
        on(3, 18, 9),
        enrolments([stranger], on(3, 18, 8)),
    )
    own = replace(first, number=9, signed_at=on(3, 18, 10))
    t.refused(
        "A forged lot",
        "The trader signs off 3,000 pieces of its own as made by a workshop in Bhosari. Its signature is right, "
        "but it is not the workshop's, and only the maker an allocation names may sign off under it.",
        on(3, 18, 11),
        t.attempt(stranger, "batch.signed_off", own.signed_at, t.sign_off_refs(first), sign_off_body(own)),
        answer=Rule.SIGNER.label,
    )
    t.refused(
        "A changed figure",
        "Somebody takes the workshop's own sign-off and turns 3,000 released into 9,000. One digit, and the "
        "signature no longer fits.",
        on(3, 18, 12),
        _tampered(t.signed_off[first.name]),
        answer=SignatureInvalid.code,
    )


def inspected(t: Telling) -> None:
    lots = [lot for lot in t.lots if lot.maker.pieces == LARGE and lot.number == 1]
    inspector, doubtful = t.cast.inspector, t.lot_id(_DOUBTFUL_LOT)
    looked = [
        _inspection(t, lot, on(3, 19, 9) + timedelta(hours=place), failed=lot.name == _DOUBTFUL_LOT)
        for place, lot in enumerate(lots)
    ]
    held = t.sign(
        inspector,
        "batch.held",
        on(3, 19, 17),
        {"lot": doubtful},
        {"reason": "Four visors of 80 measure 0.44 mm; the micrometer is in doubt."},
    )
    again = _inspection(t, t.lot(_DOUBTFUL_LOT), on(3, 20, 11), sample=200)
    cleared = t.sign(
        inspector,
        "batch.cleared",
        on(3, 20, 12),
        {"hold": statement_id(held)},
        {"reason": "The micrometer was off by 0.03 mm. 200 visors measured again, all within limits."},
    )
    t.chapter(
        "A second look",
        "The test house inspects the first lot of each of the eight at the hubs. One fails and is held: the visors "
        "seem thin. It was the micrometer; the next day the lot passes and is cleared.",
        on(3, 21, 9),
        [*looked, held, again, cleared],
    )


def lot_id_twice(t: Telling) -> None:
    second = t.lot("MUM-01-02")
    body: dict[str, Any] = {**sign_off_body(second), "lot": "MUM-01-01"}
    at = second.signed_at - timedelta(minutes=10)
    t.refused(
        "A lot id used twice",
        "The workshop in Andheri signs off its second lot under the first one's id. Two lots of one name could "
        "never be told apart in a recall; the log refuses, and names the first.",
        second.signed_at - timedelta(minutes=5),
        t.attempt(second.maker.actor, "batch.signed_off", at, t.sign_off_refs(second), body),
        answer=Rule.LOT_ONCE.label,
    )


def more_lots(t: Telling) -> None:
    t.chapter(
        "The second lots",
        "Larger and smaller workshops sign off, the hub in Chennai for the one in Avadi. The works in Chakan try a "
        "new bending jig on a small lot of 500.",
        on(3, 27, 18),
        t.made(t.due_by(on(3, 26, 16))),
    )


def five_hundred_fail(t: Telling) -> None:
    held = {"reason": "Failed inspection: headbands split at the fold. Not to be sent on."}
    refs = {"lot": t.lot_id(FAILED_LOT)}
    t.kept_back.add(FAILED_LOT)
    t.chapter(
        "Five hundred that fail",
        "The jig splits headbands. The test house fails the lot of 500 at the Pune hub and holds it: from now on "
        "nobody may send it on unseen.",
        on(3, 27, 20),
        [
            _inspection(t, t.lot(FAILED_LOT), on(3, 27, 18), failed=True),
            t.sign(t.cast.inspector, "batch.held", on(3, 27, 19), refs, held),
        ],
    )


def other_lots(t: Telling) -> None:
    t.chapter(
        "The other lots",
        "By the sixth of April the makers of five hubs have signed off all their lots but one. The last to join, "
        "in Patancheru, releases 1,670 of its 1,700: it will not make the other 30.",
        on(4, 6, 18),
        t.made(t.due_by(on(4, 6, 0))),
    )


def five_hundred_more(t: Telling) -> None:
    instead = t.lot(INSTEAD)
    t.chapter(
        "Five hundred more",
        "The works in Chakan have made 500 again, without the jig. They come to 12,500 of an allocation of 12,000, "
        "which the tolerance allows, and pass inspection.",
        on(4, 7, 12),
        [*t.made([instead]), _inspection(t, instead, on(4, 7, 11))],
    )


def offline(t: Telling) -> None:
    """Everything of the Kolkata branch after the hub's acceptance, in no order at all."""
    kolkata = t.cast.hub("KOL")
    statements = enrolments([maker.actor for maker in kolkata.makers], on(3, 6, 8))
    for place, maker in enumerate(kolkata.makers):
        statements.extend(t.to_maker(kolkata, maker, on(3, 6, 12) + timedelta(minutes=place)))
    statements.extend(decided(t, t.cast.delta_inspector, kolkata.makers, on(3, 10, 9)))
    statements.extend(t.made(t.due_by(on(4, 6, 0), hub="KOL")))
    t.chapter(
        "Four weeks without a network",
        "The hub in Kolkata, its six makers in the delta and their test house have signed all the time. Now it "
        "arrives in one folder, shuffled. The log puts it in order, and not one is lost.",
        on(4, 7, 18),
        sorted(statements, key=statement_id),
    )


def _inspection(t: Telling, lot: Lot, at: datetime, *, sample: int = 80, failed: bool = False) -> bytes:
    found = {"critical": 0, "major": 4, "minor": 2} if failed else {"critical": 0, "major": 0, "minor": 1}
    body = {
        "sample": sample,
        "defects": found,
        "measurements": [
            {"characteristic": "visor thickness", "reading": "0.44 mm" if failed else "0.49 mm"}
        ],
        "verdict": "fail" if failed else "pass",
    }
    return t.sign(t.cast.inspector, "inspection.recorded", at, {"lot": t.lot_id(lot.name)}, body)


def _tampered(data: bytes) -> bytes:
    """A sign-off of 3,000 that now says 9,000, otherwise as it was: well-formed, of the same length."""
    genuine = b'"released":{"unit":"H87","value":"3000"}'
    assert data.count(genuine) == 1, "the payload is RFC 8785 JSON, so its text is known"
    return data.replace(genuine, genuine.replace(b"3000", b"9000"))
