"""Spoilt statements, receipts, checkpoints and bundles: the browser's verifier and the ledger's say the same of each.

What is only spoilt must end with the same code. What a dishonest log forged, well signed and well proved, may also
break a rule that the browser does not run; there the browser may accept, and never refuses what the ledger accepts.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path

import pytest

from ledger.errors import TallyError
from ledger.log.reader import LogReader
from ledger.proof.note import format_vkey
from ledger.statement.envelope import read_statement, sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import LeafIndex, StatementId
from tests.browser.test_verifier_vectors import VECTORS, vectors
from tests.support.javascript import NODE, Question, node_answers, python_answer
from tests.support.mutations import Spoiler
from tests.support.spine import CLOCK, LOG_SIGNER, VKEY, Spine, h87, make_log
from tests.vectors_bundle import forge

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node from 20.19 on here: apt-get install nodejs")

BY_RULES = {"rule-broken", "evidence-incomplete"}
"""What the rules find, of which the browser runs a part; it also knows little of the vocabulary."""

SEEDS = {path: question for path, (question, answer) in vectors().items() if answer == "ok"}
FIRST, MANY = 1_000, 10_000


def spoilt(seed: int, count: int) -> list[Question]:
    """Questions about good vectors after an edit each; every third statement is signed again."""
    spoiler = Spoiler(seed)
    signers = _signers()
    asked = [path for path, question in SEEDS.items() if question.kind not in {"inclusion", "multiproof"}]
    questions = []
    for path in islice(cycle(asked), count):
        question = SEEDS[path]
        other = SEEDS[spoiler.random.choice(asked)].data
        questions.append(_replaced(question, _spoil(spoiler, path, question, other, signers)))
    return questions


def _spoil(
    spoiler: Spoiler, path: str, question: Question, other: bytes, signers: dict[str, Signer]
) -> bytes:
    way = spoiler.random.randrange(3)
    if question.kind == "statement" and way == 0:
        return spoiler.statement(question.data, signers["browser" if "p256" in path else "maker"])
    if question.kind in {"statement", "receipt", "bundle"} and way == 1:
        return spoiler.cbor_of(question.data)
    return spoiler.bytes_of(question.data, other)


def _replaced(question: Question, data: bytes) -> Question:
    return Question(question.kind, data, question.vkeys, question.entry)


def _signers() -> dict[str, Signer]:
    keys = json.loads((VECTORS / "statement/keys.json").read_bytes())
    return {
        name: (P256Signer.from_scalar if name == "browser" else Ed25519Signer.from_seed)(
            bytes.fromhex(key["secret"])
        )
        for name, key in keys.items()
    }


def _disagreements(questions: list[Question]) -> list[tuple[str, str, str, str]]:
    expected = [python_answer(question) for question in questions]
    answers = node_answers(questions)
    assert len(Counter(expected)) > 3, "the edits reach more than one fault"
    return [
        (question.kind, question.data.hex()[:3000], python, browser)
        for question, python, browser in zip(questions, expected, answers, strict=True)
        if python != browser
    ]


def test_a_thousand_spoilt_files_end_alike() -> None:
    assert _disagreements(spoilt(1, FIRST)) == []


@pytest.mark.slow
def test_ten_thousand_spoilt_files_end_alike() -> None:
    assert _disagreements(spoilt(2, MANY)) == []


def _story(folder: Path) -> tuple[list[bytes], dict[bytes, Signer]]:
    """A whole log's statements, devices added and revoked among them, and every key by its thumbprint."""
    spine = Spine()
    actors = [spine.agency, spine.prime, spine.hub, spine.asha, spine.bo, spine.store]
    phone = Ed25519Signer.from_seed(sha256(b"phone").digest())
    enrolled = {"party": spine.id("enrolled Asha")}
    added = spine.asha.sign("key.added", {"key": phone.public.did, "device": "phone"}, enrolled)
    by_phone = sign_statement(
        phone, iss=spine.asha.party, sub=spine.contract, iat=CLOCK, payload=_event_of(spine, "lot A1", "A2")
    )
    revoked = spine.asha.sign("key.revoked", {"key": phone.public.did, "reason": "scheduled"}, enrolled)
    log = make_log(folder / "log", [*spine.statements, added, by_phone, revoked], spine.agency.party)
    with LogReader.open(log) as reader:
        kept = [row.statement for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))]
    signers = [LOG_SIGNER, phone, *(actor.signer for actor in actors)]
    return kept, {signer.public.kid: signer for signer in signers}


def _event_of(spine: Spine, name: str, lot: str) -> dict[str, object]:
    payload = read_statement(spine.parts[name]).payload
    return {
        **payload,
        "prev": None,
        "body": {**payload["body"], "lot": lot, "released": h87(9), "made": h87(14)},
    }


def forgeries(folder: Path, seed: int, count: int) -> list[Question]:
    """Bundles that a dishonest log could hand out: well signed and well proved, of statements that are not in order."""
    kept, signers = _story(folder)
    spoiler = Spoiler(seed)
    questions = []
    for _ in range(count):
        statements = list(kept)
        for _ in range(spoiler.random.choice((0, 1, 1, 2))):
            _tamper(spoiler, statements, signers)
        claim = StatementId(sha256(spoiler.random.choice(statements)).hexdigest())
        questions.append(
            Question("bundle", forge(statements, range(len(statements)), claim), (format_vkey(VKEY),))
        )
    return questions


def _tamper(spoiler: Spoiler, statements: list[bytes], signers: dict[bytes, Signer]) -> None:
    """Leave one out, exchange two, change one and sign it again with its own key or another's, or repeat one."""
    at = spoiler.random.randrange(len(statements))
    other = spoiler.random.randrange(len(statements))
    way = spoiler.random.randrange(6)
    signer = signers[read_statement(kept).kid] if _reads(kept := statements[at]) else LOG_SIGNER
    if way == 0:
        del statements[at]
    elif way == 1:
        statements[at], statements[other] = statements[other], statements[at]
    elif way == 2:
        statements.insert(other, statements[at])
    elif way == 3:
        statements[at] = spoiler.statement(statements[at], spoiler.random.choice(list(signers.values())))
    elif _reads(statements[at]):
        statements[at] = spoiler.statement(statements[at], signer)


def _reads(data: bytes) -> bool:
    try:
        read_statement(data)
    except TallyError:
        return False
    return True


def test_what_a_dishonest_log_forged_is_refused_alike_but_for_the_rules(tmp_path: Path) -> None:
    questions = forgeries(tmp_path, 3, 100)
    expected = [python_answer(question) for question in questions]
    answers = node_answers(questions)
    for question, python, browser in zip(questions, expected, answers, strict=True):
        if python in BY_RULES:
            assert browser in {"ok", *BY_RULES}, question.data.hex()
        elif (
            python != "malformed-event"
        ):  # the first fault there is: behind it the browser may find any other
            assert browser == python, question.data.hex()
    by_itself = sum(answer != "ok" for answer in answers)
    assert by_itself > 0.8 * sum(answer != "ok" for answer in expected), (
        "the browser finds most of it by itself"
    )
