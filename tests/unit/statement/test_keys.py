"""Public keys: their names, their accept-sets, and what no key may be."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.errors import MalformedKey, SignatureInvalid
from ledger.statement import cbor
from ledger.statement.keys import Ed25519Key, P256Key, parse_did_key
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer

FIELD = 2**255 - 19
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

# Test vectors of the did:key method's specification, the P-256 keys as x and y of their JWKs
ED25519_DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
ED25519_RAW = "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6"
P256_DIDS = [
    (
        "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        "fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI",
        "hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU",
    ),
    (
        "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        "igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns",
        "efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM",
    ),
]

# RFC 8032 7.1: TEST 1 to 3 and TEST SHA(abc)
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
        "be24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
        "2aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
        "d28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643c"
        "e80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138a"
        "c17ad9bef1177331a704",
    ),
]

# All encodings of the eight points of small order, with y reduced or not, either sign bit
SMALL_ORDER = {
    y | sign << 255
    for y in (
        0,
        1,
        FIELD - 1,
        FIELD,
        FIELD + 1,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7,
        FIELD - 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7,
    )
    for sign in (0, 1)
}


@pytest.fixture
def rfc_9679_key() -> P256Key:
    """The example key of RFC 9679 6, compressed: its y is even."""
    return P256Key(bytes.fromhex("02" + "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"))


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=")


def test_reads_and_writes_the_did_of_a_known_ed25519_key() -> None:
    key = parse_did_key(ED25519_DID)
    assert type(key) is Ed25519Key
    assert key.raw.hex() == ED25519_RAW
    assert Ed25519Key(key.raw).did == ED25519_DID


@pytest.mark.parametrize(("did", "x", "y"), P256_DIDS)
def test_reads_and_writes_the_dids_of_known_p256_keys(did: str, x: str, y: str) -> None:
    key = parse_did_key(did)
    assert type(key) is P256Key
    members = cbor.decode(key.cose_key())
    assert (members[-2], members[-3]) == (from_base64url(x), from_base64url(y))
    assert P256Key(key.raw).did == did


def test_the_kid_is_the_thumbprint_of_rfc_9679(rfc_9679_key: P256Key) -> None:
    assert rfc_9679_key.kid.hex() == "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"


def test_the_kid_of_an_ed25519_key_covers_kty_crv_and_x() -> None:
    """The key of RFC 8032 7.1 TEST 1, hashed elsewhere."""
    key = Ed25519Key(bytes.fromhex(RFC_8032[0][0]))
    assert key.kid.hex() == "866eefbd6718c8846cd7ddfe43fc74ab1daac4538ff8514ea2ec2d410a415743"


def test_cose_keys_carry_the_public_key_and_its_kid(rfc_9679_key: P256Key, maker: Ed25519Signer) -> None:
    assert cbor.decode(rfc_9679_key.cose_key()) == {
        1: 2,
        2: rfc_9679_key.kid,
        -1: 1,
        -2: bytes.fromhex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"),
        -3: bytes.fromhex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"),
    }
    assert cbor.decode(maker.public.cose_key()) == {1: 1, 2: maker.public.kid, -1: 6, -2: maker.public.raw}


def test_keys_are_values_and_survive_pickling(signer: Signer) -> None:
    key = signer.public
    again = pickle.loads(pickle.dumps(key))  # noqa: S301
    assert again == key == parse_did_key(key.did)
    assert hash(again) == hash(key)
    assert (again.kid, again.did, again.algorithms) == (key.kid, key.did, key.algorithms)
    again.verify(b"message", signer.sign(b"message"))


def test_the_two_kinds_share_no_algorithm() -> None:
    assert Ed25519Key.algorithms == {-8, -19}
    assert P256Key.algorithms == {-7, -9}


@pytest.mark.parametrize(("raw", "message", "signature"), RFC_8032)
def test_verifies_the_signatures_of_rfc_8032(raw: str, message: str, signature: str) -> None:
    Ed25519Key(bytes.fromhex(raw)).verify(bytes.fromhex(message), bytes.fromhex(signature))


def test_refuses_a_signature_with_any_bit_changed(signer: Signer) -> None:
    signature = signer.sign(b"message")
    for bit in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureInvalid):
            signer.public.verify(b"message", bytes(changed))


def test_refuses_a_signature_over_another_message_or_by_another_key(signer: Signer) -> None:
    with pytest.raises(SignatureInvalid, match=signer.public.did):
        signer.public.verify(b"other", signer.sign(b"message"))
    stranger = {Ed25519Key: ED25519_DID, P256Key: P256_DIDS[0][0]}[type(signer.public)]
    with pytest.raises(SignatureInvalid, match=stranger):
        parse_did_key(stranger).verify(b"message", signer.sign(b"message"))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_refuses_signatures_of_another_length(signer: Signer, length: int) -> None:
    """The 64 good bytes are among them: nothing but the length is wrong with the longer ones."""
    with pytest.raises(SignatureInvalid):
        signer.public.verify(b"", (signer.sign(b"") * 2)[:length])


def test_a_message_is_not_taken_for_part_of_its_signature(maker: Ed25519Signer) -> None:
    """libsodium verifies signature and message in one string: the border must not move."""
    signature = maker.sign(b"message")
    with pytest.raises(SignatureInvalid):
        maker.public.verify(b"essage", signature + b"m")
    with pytest.raises(SignatureInvalid):
        maker.public.verify(signature[63:] + b"message", signature[:63])


def test_refuses_every_ed25519_key_of_small_order() -> None:
    """Under such a key a signature holds for many messages, so it identifies nobody."""
    assert len(SMALL_ORDER) == 14
    for encoding in SMALL_ORDER:
        with pytest.raises(MalformedKey):
            Ed25519Key(encoding.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "y", [FIELD + 3, 2, 2**255 - 1], ids=["not canonical", "not on the curve", "neither"]
)
def test_refuses_ed25519_keys_that_are_no_points(y: int) -> None:
    with pytest.raises(MalformedKey):
        Ed25519Key(y.to_bytes(32, "little"))


def test_refuses_a_malleable_s(maker: Ed25519Signer) -> None:
    signature = maker.sign(b"message")
    s = int.from_bytes(signature[32:], "little")
    for times in (1, 2, 7):
        with pytest.raises(SignatureInvalid):
            maker.public.verify(
                b"message", signature[:32] + (s + times * ED25519_ORDER).to_bytes(32, "little")
            )


def test_of_an_ecdsa_signature_only_the_low_s_is_accepted(browser: P256Signer) -> None:
    """The other s satisfies the equation as well, and whoever has the one has the other."""
    for message in (b"message %d" % number for number in range(8)):
        signature = browser.sign(message)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        twin = P256_ORDER - s
        assert s < twin
        equation = browser.export().public_key()
        equation.verify(encode_dss_signature(r, twin), message, ec.ECDSA(hashes.SHA256()))
        browser.public.verify(message, signature)
        with pytest.raises(SignatureInvalid, match="upper half") as caught:
            browser.public.verify(message, signature[:32] + twin.to_bytes(32, "big"))
        assert "n - s" in caught.value.hint


def test_s_is_low_up_to_half_the_order(browser: P256Signer) -> None:
    """No message is known for these: what differs is why they are refused."""
    r, half = b"\x01" * 32, (P256_ORDER - 1) // 2
    with pytest.raises(SignatureInvalid, match="is not one by"):
        browser.public.verify(b"message", r + half.to_bytes(32, "big"))
    with pytest.raises(SignatureInvalid, match="upper half"):
        browser.public.verify(b"message", r + (half + 1).to_bytes(32, "big"))


def test_an_ecdsa_signature_has_one_length_for_its_numbers(browser: P256Signer) -> None:
    """A zero in front of s changes no number, and must not make a second signature."""
    signature = browser.sign(b"message")
    with pytest.raises(SignatureInvalid):
        browser.public.verify(b"message", signature[:32] + b"\x00" + signature[32:])


@pytest.mark.parametrize("r", [0, 1, P256_ORDER, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, P256_ORDER, 2**256 - 1])
def test_refuses_ecdsa_values_out_of_range(browser: P256Signer, r: int, s: int) -> None:
    with pytest.raises(SignatureInvalid):
        browser.public.verify(b"message", r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00", b"\x04" + bytes(64), b"\x05" + b"\x01" * 32, b"\x02" + b"\xff" * 32, b"\x02" + bytes(31)],
    ids=["empty", "infinity", "uncompressed", "other prefix", "x beyond the field", "short"],
)
def test_refuses_p256_keys_that_are_no_compressed_points(raw: bytes) -> None:
    with pytest.raises(MalformedKey):
        P256Key(raw)


def test_refuses_a_p256_key_in_its_uncompressed_form(browser: P256Signer) -> None:
    """It is the same point, and must not make a second name for the key."""
    point = browser.export().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with pytest.raises(MalformedKey, match="65 bytes"):
        P256Key(point)


def spellings() -> dict[str, Any]:
    did = ED25519_DID
    return {
        "empty": "",
        "prefix alone": "did:key:z",
        "other method": did.replace("key", "web"),
        "other base": did.replace(":z", ":u"),
        "capital method": did.replace("did:", "DID:"),
        "fragment": did + "#" + did[8:],
        "space behind": did + " ",
        "line feed behind": did + "\n",
        "digit outside the alphabet": did[:-1] + "0",
        "digit changed": did[:-1] + "L",
        "digit more": did + "1",
        "digit less": did[:-1],
        "zero in front": did.replace(":z", ":z1"),
        "other kind of key": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        "X25519": "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
        "full-width digit": did[:-1] + "\uff2b",
        "very long": "did:key:z" + "6" * 1_000_000,
    }


@pytest.mark.parametrize("text", spellings().values(), ids=spellings().keys())
def test_refuses_every_other_spelling_of_a_did(text: str) -> None:
    with pytest.raises(MalformedKey):
        parse_did_key(text)


def test_a_refusal_is_not_remembered_as_an_answer() -> None:
    for _ in range(2):
        with pytest.raises(MalformedKey):
            parse_did_key("did:key:z6Mk")


def test_a_did_is_read_once() -> None:
    did = ED25519_DID
    assert parse_did_key(did) is parse_did_key(did)
