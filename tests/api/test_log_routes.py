"""The log over HTTP: checkpoint, tiles, keys, proofs, statements, bundles, many at once."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import build_app
from api.settings import Settings
from ledger.audit.verify import verify_bundle
from ledger.errors import MalformedCbor, ProofInvalid, SignatureInvalid
from ledger.log.reader import LogReader
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import check_consistency, check_inclusion, leaf_hash
from ledger.proof.note import parse_vkey
from ledger.proof.receipt import open_consistency, open_receipt
from ledger.statement import cbor
from ledger.statement.cbor import split_sequence
from ledger.units import Entry, Hash, LeafIndex, TreeSize
from tests.support.log_world import enrolment, enrolments, entry_of, id_of, kept_statements
from tests.support.spine import LOG_SIGNER, ORIGIN

COSE = {"accept": "application/cose"}


def test_the_checkpoint_is_the_newest_and_is_never_cached(client: TestClient) -> None:
    answer = client.get("/checkpoint")
    vkey = parse_vkey(client.get("/log").json()["vkey"])
    assert open_checkpoint(answer.content, vkey).size == 10
    assert answer.headers["cache-control"] == "no-cache"
    client.post("/entries", content=enrolment(20), headers={"content-type": "application/cose"})
    assert open_checkpoint(client.get("/checkpoint").content, vkey).size == 11


def test_tiles_and_entries_are_served_for_every_width_and_for_ever(client: TestClient, folder: Path) -> None:
    entries = [entry_of(one) for one in kept_statements(folder)]
    for width in range(1, 11):
        answer = client.get(f"/tile/0/000.p/{width}")
        assert answer.content == b"".join(leaf_hash(one) for one in entries[:width])
        assert "immutable" in answer.headers["cache-control"]
        beside = client.get(f"/tile/entries/000.p/{width}").content
        assert beside == b"".join(b"\x00\x20" + one for one in entries[:width])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000", "tile/0/000.p/11", "tile/0/000.p/0", "tile/0/001", "tile/1/000.p/1", "tile/0/0",
        "tile/00/000.p/1", "tile/0/x000/000.p/1", "tile/64/000", "tile/0/..%2f..%2fhigh-water", "tile/entries/001",
        "tile/entries/../vkey", "tile/0/%00", "tile/0/000.p/1/", "nothing", "high-water", "log.sqlite3",
        ".well-known/scitt-keys/AAAA",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_the_key_set_lists_the_key_that_receipts_are_signed_with(client: TestClient) -> None:
    [key] = cbor.decode(client.get("/.well-known/scitt-keys").content)
    assert key[-2] == LOG_SIGNER.public.raw
    kid = urlsafe_b64encode(LOG_SIGNER.public.kid).rstrip(b"=").decode()
    assert cbor.decode(client.get(f"/.well-known/scitt-keys/{kid}").content) == key


def test_proofs_hold_between_all_sizes_as_json_and_signed(client: TestClient, folder: Path) -> None:
    with LogReader.open(folder) as reader:
        roots = {size: reader.root(TreeSize(size)) for size in range(1, 11)}
    for new in range(1, 11):
        for old in range(1, new + 1):
            told = client.get(f"/proofs/consistency/{old}/{new}").json()
            path = [Hash(bytes.fromhex(one)) for one in told["path"]]
            check_consistency(TreeSize(old), roots[old], TreeSize(new), roots[new], path)
            signed = client.get(f"/proofs/consistency/{old}/{new}", headers=COSE).content
            assert open_consistency(signed, roots[old], LOG_SIGNER.public, ORIGIN) == (old, new)
    with pytest.raises((SignatureInvalid, ProofInvalid)):
        open_consistency(signed, roots[3], LOG_SIGNER.public, ORIGIN)


def test_inclusion_is_proved_at_any_size_since(client: TestClient) -> None:
    statement = enrolment(2)
    for size in range(4, 11):
        told = client.get(f"/proofs/inclusion/{id_of(statement)}?size={size}").json()
        path = [Hash(bytes.fromhex(one)) for one in told["path"]]
        leaf, root = Hash(bytes.fromhex(told["leaf"])), Hash(bytes.fromhex(told["root"]))
        check_inclusion(leaf, LeafIndex(told["index"]), TreeSize(size), path, root)
        signed = client.get(f"/proofs/inclusion/{id_of(statement)}?size={size}", headers=COSE).content
        assert open_receipt(signed, Entry(entry_of(statement)), LOG_SIGNER.public, ORIGIN).size == size
    assert client.get(f"/proofs/inclusion/{id_of(statement)}?size=3").status_code == 404
    assert client.get(f"/proofs/inclusion/{id_of(statement)}?size=11").status_code == 404
    assert client.get("/proofs/consistency/5/4").status_code == 400
    assert client.get("/proofs/consistency/0/4").status_code == 400
    assert client.get("/proofs/consistency/1/99").status_code == 404


def test_a_statement_is_its_bytes_or_what_they_say(client: TestClient) -> None:
    name = id_of(enrolment(3))
    assert client.get(f"/statements/{name}").content == enrolment(3)
    assert client.get(f"/statements/{name[:8]}", headers=COSE).content == enrolment(3)
    told = client.get(f"/statements/{name}", headers={"accept": "application/json"}).json()
    assert (told["id"], told["index"], told["contract"]) == (name, 4, None)
    assert told["event"]["body"]["name"] == "Maker 3"


def test_before_parties_only_nobody_in_particular_reads_no_contents(folder: Path) -> None:
    name = id_of(enrolment(3))
    with TestClient(build_app(Settings(log=folder, reading="parties"), LOG_SIGNER)) as client:
        for path in (f"/statements/{name}", f"/bundles/{name}"):
            assert client.get(path).status_code in (401, 403, 404)
        for path in ("/checkpoint", "/tile/0/000.p/10", f"/entries/{name}", f"/proofs/inclusion/{name}"):
            assert client.get(path).status_code == 200


def test_a_bundle_over_http_verifies_offline(client: TestClient) -> None:
    name = id_of(enrolment(3))
    answer = client.get(f"/bundles/{name}")
    vkey = parse_vkey(client.get("/log").json()["vkey"])
    assert verify_bundle(answer.content, vkey).claim == name
    assert f'filename="{name[:12]}.bundle"' in answer.headers["content-disposition"]


def test_many_statements_are_answered_one_by_one_in_order(client: TestClient) -> None:
    broken = enrolment(31)[:-1] + b"\x00"
    sent = [enrolment(30), broken, enrolment(2), enrolment(32)]
    answer = client.post(
        "/statements", content=b"".join(sent), headers={"content-type": "application/cbor-seq"}
    )
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [one.get("new", one.get("status")) for one in told] == [True, 422, False, True]
    for line, data in zip(told, sent, strict=True):
        if "receipt" in line:
            receipt = open_receipt(
                b64decode(line["receipt"]), Entry(entry_of(data)), LOG_SIGNER.public, ORIGIN
            )
            assert receipt.index == line["index"]


def test_many_files_of_a_form_are_taken_too(client: TestClient) -> None:
    files = [("file", (f"{n}.cose", one)) for n, one in enumerate(enrolments(5, 40))]
    answer = client.post("/statements", files=files)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["index"] for one in told] == [10, 11, 12, 13, 14]


@pytest.mark.parametrize(
    ("data", "media", "status"),
    [
        (b"x", "text/plain", 415),
        (enrolment(1)[:100], "application/cbor-seq", 400),
        (b"\x5f\x41\x00\xff", "application/cbor-seq", 400),
        (b"", "multipart/form-data", 400),
        (b"junk", "multipart/form-data; boundary=x", 400),
    ],
)
def test_a_set_that_cannot_be_read_is_refused_whole(
    client: TestClient, data: bytes, media: str, status: int
) -> None:
    answer = client.post("/statements", content=data, headers={"content-type": media})
    assert answer.status_code == status
    assert answer.json()["code"]
    assert client.get("/log").json()["size"] == 10


def test_a_sequence_splits_into_its_items() -> None:
    items = [b"\x00", b"\x82\x01\x02", b"\xa1\x01\x81\x43abc", b"\xd2\x80", b"\x18\x64", enrolment(1)]
    assert split_sequence(b"".join(items)) == items
    assert split_sequence(b"") == []
    for cut in range(1, len(items[2])):
        with pytest.raises(MalformedCbor):
            split_sequence(items[2][:cut])


def test_a_problem_says_what_its_type_means(client: TestClient) -> None:
    told = client.get("/nothing").json()
    assert client.get(told["type"]).json()["status"] == 404
    assert client.get("/problems/malformed-cbor").json()["status"] == 400
    assert client.post("/checkpoint").status_code == 405


def test_the_figures_count_requests_by_route(client: TestClient) -> None:
    client.get("/checkpoint")
    text = client.get("/metrics").text
    assert 'tally_requests_total{method="GET",route="/checkpoint",status="200"} 1.0' in text
