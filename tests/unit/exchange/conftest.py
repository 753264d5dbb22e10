"""A release as published, dummy parties, and how a person completes drafts."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.events.catalogue import read_event
from ledger.exchange.draft import read_draft
from ledger.exchange.ocds import Given, draft_release, read_package
from ledger.exchange.report import DraftedRelease
from ledger.statement.signer import Ed25519Signer
from ledger.units import PartyId, StatementId

Json = dict[str, Any]
Draft = Callable[..., DraftedRelease]
Complete = Callable[[DraftedRelease], Iterator[Json]]

CONTRACT = StatementId("c" * 64)


@pytest.fixture
def shared() -> Path:
    """The published OCDS documents; a test that needs them is skipped where they are absent."""
    folder = Path(__file__).parents[4] / "shared" / "data" / "ocds"
    if not folder.is_dir():
        pytest.skip("the published OCDS documents are not beside the repository (../shared/data/ocds)")
    return folder


@pytest.fixture
def buyer() -> PartyId:
    return Ed25519Signer.from_seed(bytes([1]) * 32).public.did


@pytest.fixture
def maker() -> PartyId:
    return Ed25519Signer.from_seed(bytes([2]) * 32).public.did


@pytest.fixture
def release() -> Json:
    """One contract, one supplier, two items that map."""
    items = [
        {"id": 1, "description": "Tapabocas", "quantity": 300, "unit": {"name": "Unidad"}},
        {"id": "2b", "description": "Aseo", "quantity": 12, "unit": {"name": "Mes"}},
    ]
    return {
        "ocid": "ocds-x-1",
        "id": "r 1",
        "tag": ["contract"],
        "tender": {"id": "t", "title": "Emergencia", "status": "complete"},
        "awards": [
            {"id": "a", "status": "active", "suppliers": [{"id": "s1", "name": "Hub S.A."}], "items": items}
        ],
        "contracts": [
            {
                "id": "60393",
                "awardID": "a",
                "title": "Elementos",
                "status": "active",
                "period": {"startDate": "2020-12-02", "endDate": "2020-12-30"},
                "items": [dict(item) for item in items],
            }
        ],
    }


@pytest.fixture
def draft() -> Draft:
    """Publish releases in one package and draft the first."""

    def publish(*releases: Json, given: Given | None = None) -> DraftedRelease:
        package = read_package(json.dumps({"releases": releases}).encode())
        return draft_release(package, package.releases[0], given or Given())

    return publish


@pytest.fixture
def complete_drafts(buyer: PartyId, maker: PartyId) -> Complete:
    """Fill in exactly the fields a report says are open, and read each draft as the event it is."""
    answers: Json = {
        "contract": CONTRACT,
        "refs.framework": CONTRACT,
        "body.reference": "R-1",
        "body.title": "a title",
        "body.prime": maker,
        "body.law": "CO",
        "body.tolerance_percent": "2.5",
        "body.period": {"first": "2026-01-01", "last": "2026-12-31"},
        "body.period.first": "1971-01-01",
        "body.period.last": "2199-12-31",
        "body.consignee": buyer,
        "body.place": {"country": "CO"},
        "body.due": "2026-12-31",
    }

    def fill(draft: Json, field: str) -> None:
        at: Any = draft
        *above, last = (int(step) if step.isdigit() else step for step in re.findall(r"\w+", field))
        for step in above:
            at = at[step] if isinstance(step, int) else at.setdefault(step, {})
        assert last not in at, f"{field} is open and yet filled"
        at[last] = "a description" if last == "description" else answers[field]

    def work(drafted: DraftedRelease) -> Iterator[Json]:
        assert drafted.drafts is not None
        drafts = {"framework": drafted.drafts.framework, "calloff": drafted.drafts.calloff}
        for name, original in drafts.items():
            if original is not None:
                own = json.loads(json.dumps(original))
                for gap in drafted.to_complete:
                    if gap.draft == name:
                        fill(own, gap.field)
                read = read_draft(json.dumps(own).encode())
                payload = {
                    "type": read.type,
                    "version": 1,
                    "occurred_at": "2026-11-23T12:00:00+00:00",
                    "prev": "b" * 64,
                    "refs": read.refs,
                    "body": read.body,
                }
                read_event(payload)
                assert read.contract == (None if name == "framework" else CONTRACT)
                yield payload

    return work
