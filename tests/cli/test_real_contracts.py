"""Published contracts, end to end: drafts from real releases, completed and signed, to a verified delivery.

The source is ../shared/data/ocds/colombia-2021-03-03.json (Colombia Compra Eficiente, 100 releases).
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Tally

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "ocds" / "colombia-2021-03-03.json"
CONTRACTS = ["ocds-k50g02-60393", "ocds-k50g02-58497", "ocds-k50g02-58495"]

pytestmark = pytest.mark.skipif(
    not SOURCE.is_file(), reason="the published contracts (../shared/data/ocds) are not here"
)


@pytest.fixture
def tally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tally:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALLY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("TALLY_PASSPHRASE", "four words make one")
    return Tally()


def write(name: str, draft: dict[str, Any]) -> str:
    Path(name).write_text(json.dumps(draft))
    return name


@pytest.mark.parametrize("ocid", CONTRACTS)
def test_a_published_contract_is_driven_to_a_verified_delivery(tally: Tally, ocid: str) -> None:
    for name in ("log", "buyer", "prime", "maker", "store"):
        tally("key", "new", name)
    vkey = tally("init", "compras.example/log", "--key", "log", "--agency", "buyer")["vkey"]
    release = next(one for one in json.loads(SOURCE.read_bytes())["releases"] if one["ocid"] == ocid)
    suppliers = {one["name"]: "key:prime" for one in release["awards"][0]["suppliers"]}
    write("parties.json", suppliers)
    given = ["--parties", "parties.json", "--law", "CO", "--tolerance", "0", "--consignee", "key:store"]
    report = tally("import", "ocds", str(SOURCE), "--out", "drafts", *given)
    drafted = next(one for one in report["releases"] if one["ocid"] == ocid)

    # What the report still lists is what a person adds: the place, and the contract's id once there is one.
    left = {gap["field"] for gap in drafted["to_complete"]}
    assert left == {"body.place", "contract", "refs.framework"}
    order = json.loads(Path(f"drafts/{ocid}.calloff.json").read_bytes())
    order["body"]["place"] = {"country": "CO"}
    day = order["body"]["due"]

    def sign(name: str, key: str, draft: dict[str, Any]) -> str:
        path = write(f"{name}.json", {**draft, "occurred_at": f"{day}T12:00:00-05:00"})
        signed = tally("sign", path, "--key", key, "-o", f"signed/{name}.cose")
        return str(signed["id"])

    for name, kind in (("buyer", "agency"), ("prime", "prime"), ("maker", "maker"), ("store", "consignee")):
        body = {"kind": kind, "country": "CO", "name": name}
        sign(f"enrol-{name}", name, {"type": "party.enrolled", "body": body})
    contract = sign("framework", "buyer", json.loads(Path(f"drafts/{ocid}.framework.json").read_bytes()))
    under = {"contract": contract}
    sign("accepted", "prime", {"type": "framework.accepted", **under, "refs": {"framework": contract}})
    calloff = sign("order", "buyer", {**order, **under, "refs": {"framework": contract}})
    sign("order-accepted", "prime", {"type": "calloff.accepted", **under, "refs": {"calloff": calloff}})
    lines = order["body"]["lines"]
    offer = {"maker": "key:maker", "lines": lines, "due": day}
    allocation = sign(
        "allocation",
        "prime",
        {"type": "allocation.offered", **under, "refs": {"parent": calloff}, "body": offer},
    )
    sign(
        "allocation-accepted",
        "maker",
        {"type": "allocation.accepted", **under, "refs": {"allocation": allocation}},
    )
    lots = []
    for number, line in enumerate(lines):
        quantity, none = line["quantity"], {"value": "0", "unit": line["quantity"]["unit"]}
        body = {"line": line["line"], "lot": f"L{number}", "made": quantity, "rejected": none, "released": quantity,
                "made_between": {"first": day, "last": day}, "place": {"country": "CO"}}  # fmt: skip
        refs = {"allocation": allocation}
        lots.append(
            sign(f"lot-{number}", "maker", {"type": "batch.signed_off", **under, "refs": refs, "body": body})
        )
    goods = [{"lot": lot, "quantity": line["quantity"]} for lot, line in zip(lots, lines, strict=True)]
    sent = {
        "waybill": "R-1",
        "to": "key:store",
        "origin": {"country": "CO"},
        "destination": {"country": "CO"},
    }
    dispatch = sign(
        "dispatch", "maker",
        {"type": "delivery.dispatched", **under, "refs": {"lots": lots}, "body": {**sent, "items": goods}},
    )  # fmt: skip
    counted = [
        {"lot": one["lot"], "good": one["quantity"],
         **{odd: {"value": "0", "unit": one["quantity"]["unit"]} for odd in ("damaged", "short", "excess")}}
        for one in goods
    ]  # fmt: skip
    refs = {"dispatch": dispatch, "lots": lots}
    got = {"waybill": "R-1", "place": {"country": "CO"}, "items": counted}
    receipt = sign("receipt", "store", {"type": "delivery.received", **under, "refs": refs, "body": got})

    assert all(outcome["new"] for outcome in tally("submit", "signed"))
    traced = tally("trace", contract)
    mapped = [item for item in drafted["items"] if item["outcome"] == "mapped"]
    assert len(traced["lines"]) == len(mapped)
    assert all(line["open"] == "0" and line["received"] == line["ordered"] for line in traced["lines"])
    source = json.loads(Path(f"drafts/{ocid}.framework.json").read_bytes())["body"]["source"]
    assert source["document"]["sha256"] == sha256(SOURCE.read_bytes()).hexdigest()
    tally("bundle", receipt, "-o", "delivery.bundle")
    verified = tally("verify", "delivery.bundle", "--log-key", vkey)
    assert (verified["claim"], verified["contract"]) == (receipt, contract)
    assert tally("audit")["size"] == len(list(Path("signed").iterdir())) + 1
