"""A log in which a dispute and a party's enrolment are ordered erased, and what must be gone afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.log_world import enrolment, id_of, new_log, open_log, register
from tests.support.spine import LOG_SIGNER, Actor, Spine

CLAIM = "Meera Kulkarni of Kothrud counted them wrong, and she was not well that day."
NAME = "Maker 7 of the 2026 enrolment"
ORDER = {"sha256": "e" * 64, "size": 900, "media_type": "application/pdf"}


class Erasures:
    """The spine, then a dispute over its receipt, an enrolment, and the two orders; each by its name."""

    def __init__(self) -> None:
        self.spine = Spine()
        self.operator = Actor("Operator", "verifier")
        self.operator.signer = LOG_SIGNER
        self.operator.party = LOG_SIGNER.public.did
        self.person = Actor(NAME, "maker")
        contract, receipt = self.spine.contract, self.spine.id("receipt A1")
        claim = {"claim": CLAIM, "wanted": "Count again."}
        self.dispute = self.spine.prime.sign("dispute.raised", claim, {"target": receipt}, sub=contract)
        self.enrolled = self.person.enrol()
        self.later = [
            self.spine.agency.sign(
                "erasure.recorded", order(), {"target": id_of(self.dispute)}, sub=contract
            ),
            self.operator.sign(
                "erasure.recorded", order(), {"target": id_of(self.enrolled)}, sub=self.person.party
            ),
        ]

    @property
    def before(self) -> list[bytes]:
        """What is registered before the orders."""
        return [*self.spine.statements, self.operator.enrol(), self.dispute, self.enrolled]


def order() -> dict[str, Any]:
    return {"commitments": [], "contents": True, "ground": "Order 7 of 2026.", "order": ORDER}


def ordered_log(path: Path, told: Erasures) -> Path:
    """The log with the orders in it, and nothing destroyed yet; 30 enrolments after them."""
    new_log(path, agencies=[told.spine.agency.party])
    with open_log(path) as log:
        register(log, told.before)
        register(log, told.later)
        register(log, [enrolment(number) for number in range(30)])
    return path


def bytes_in(path: Path, text: str) -> list[str]:
    """The files of a log's folder in which a text stands."""
    return [one.name for one in sorted(path.iterdir()) if text.encode() in one.read_bytes()]
