"""Signed notes: the specification's example, who counts as a signer, and what is no note at all."""

import base64
from hashlib import sha512

import pytest
from nacl.bindings import crypto_scalarmult_ed25519_base_noclamp

from ledger.errors import KeyUnknown, MalformedKey, MalformedNote, SignatureInvalid, TooLarge
from ledger.limits import NOTE_BYTES, NOTE_SIGNATURES
from ledger.proof.note import VerifierKey, format_vkey, open_note, parse_vkey, sign_note
from ledger.statement.signer import Ed25519Signer

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

ALICE, BOB, EVE = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (1, 2, 3))
TEXT = "first\n\nthird ☀\n"


def vkey(signer, name) -> VerifierKey:
    return VerifierKey(name, signer.public)


def signature_line(note: bytes) -> bytes:
    return note[note.rindex(b"\n\n") + 2 :]


def signature_of(note: bytes) -> bytes:
    return base64.b64decode(signature_line(note).split(b" ")[2])


def with_signature(signature: bytes, name: str = "alice") -> bytes:
    return f"{TEXT}\n— {name} {base64.b64encode(signature).decode()}\n".encode()


def second_signature(seed: bytes, message: bytes) -> bytes:
    """Another Ed25519 signature than RFC 8032 5.1.6 makes: the same equation with a nonce of our choice."""
    order = 2**252 + 27742317777372353535851937790883648493
    secret = bytearray(sha512(seed).digest()[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 63 | 64
    nonce = 1234567
    point = crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
    public = Ed25519Signer.from_seed(seed).public.raw
    challenge = int.from_bytes(sha512(point + public + message).digest(), "little")
    s = (nonce + challenge * int.from_bytes(secret, "little")) % order
    return point + s.to_bytes(32, "little")


ALICE_KEY = vkey(ALICE, "alice")
ALICE_NOTE = sign_note(TEXT, ALICE, "alice")
BOB_LINE = signature_line(sign_note(TEXT, BOB, "bob"))


class TestTheSpecificationsExample:
    def test_it_opens(self):
        key = parse_vkey(VKEY)
        opened = open_note(EXAMPLE, [key])
        assert opened.text == "This is an example message.\n"
        assert [(s.name, s.key_id.hex()) for s in opened.verified] == [("example.com/foo", "530d903a")]
        assert format_vkey(key) == VKEY

    def test_with_one_letter_changed_it_does_not(self):
        with pytest.raises(SignatureInvalid):
            open_note(EXAMPLE.replace(b"This", b"this"), [parse_vkey(VKEY)])


class TestSigners:
    def test_a_note_comes_back_with_its_empty_lines(self):
        opened = open_note(ALICE_NOTE, [ALICE_KEY])
        assert opened.text == TEXT
        assert opened.unverified == ()

    @pytest.mark.parametrize(
        "text", ["\n", "\n\n", "a\n\n", "\n\na\n", "— alice AAAA\n", "a\n\n— alice AAAAAAA=\n"]
    )
    def test_the_text_ends_at_the_last_empty_line(self, text):
        note = sign_note(text, ALICE, "alice")
        assert open_note(note, [ALICE_KEY]).text == text

    def test_unknown_signers_are_kept_but_not_trusted(self):
        note = ALICE_NOTE + BOB_LINE
        opened = open_note(note, [ALICE_KEY])
        assert [s.name for s in opened.verified] == ["alice"]
        assert [s.name for s in opened.unverified] == ["bob"]
        both = open_note(note, [vkey(BOB, "bob"), vkey(ALICE, "alice")])
        assert [s.name for s in both.verified] == ["alice", "bob"]

    def test_a_note_without_a_known_signer_could_not_be_checked(self):
        for keys in ([], [vkey(EVE, "eve")], [vkey(ALICE, "bob")], [vkey(BOB, "alice")]):
            with pytest.raises(KeyUnknown):
                open_note(ALICE_NOTE, keys)

    def test_a_wrong_signature_by_a_known_key_rejects_the_note_whoever_else_signed(self):
        other = signature_line(sign_note("another text\n", BOB, "bob"))
        for note in (ALICE_NOTE + other, ALICE_NOTE.replace(b"\n\xe2", b"\n" + other + b"\xe2", 1)):
            with pytest.raises(SignatureInvalid):
                open_note(note, [ALICE_KEY, vkey(BOB, "bob")])
            assert open_note(note, [ALICE_KEY]).verified

    def test_every_bit_of_a_signature_counts(self):
        signed = signature_of(ALICE_NOTE)
        for bit in range(8 * len(signed)):
            spoilt = bytearray(signed)
            spoilt[bit // 8] ^= 1 << bit % 8
            refusal = KeyUnknown if bit < 32 else SignatureInvalid
            with pytest.raises(refusal):
                open_note(with_signature(spoilt), [ALICE_KEY])

    def test_a_signature_of_another_length_is_wrong_not_unreadable(self):
        signed = signature_of(ALICE_NOTE)
        for other in (signed[:5], signed[:-1], signed + b"\0"):
            with pytest.raises(SignatureInvalid):
                open_note(with_signature(other), [ALICE_KEY])

    def test_a_repeated_signature_is_verified_again_and_counts_once(self):
        twice = ALICE_NOTE + signature_line(ALICE_NOTE)
        assert len(open_note(twice, [ALICE_KEY]).verified) == 1
        other = signature_line(sign_note("another text\n", ALICE, "alice"))
        with pytest.raises(SignatureInvalid):
            open_note(ALICE_NOTE + other, [ALICE_KEY])

    def test_two_different_good_signatures_of_one_key_count_once(self):
        """RFC 8032 makes one signature of a text, but whoever has the key can make more that verify."""
        another = bytes(ALICE_KEY.id) + second_signature(bytes([1]) * 32, TEXT.encode())
        assert another != signature_of(ALICE_NOTE)
        assert open_note(with_signature(another), [ALICE_KEY]).verified
        both = ALICE_NOTE + signature_line(with_signature(another))
        assert len(open_note(both, [ALICE_KEY]).verified) == 1

    def test_the_same_key_under_another_name_is_another_key(self):
        note = sign_note(TEXT, ALICE, "alice/two")
        with pytest.raises(KeyUnknown):
            open_note(note, [ALICE_KEY])

    def test_two_keys_that_share_name_and_id_are_refused(self):
        """Ids are 4 bytes: these two keys were found by trying 60,000."""
        seeds = (37_650).to_bytes(32, "big"), (59_910).to_bytes(32, "big")
        one, other = (vkey(Ed25519Signer.from_seed(seed), "log.example/tally") for seed in seeds)
        assert one.id == other.id == bytes.fromhex("261c9e3a")
        note = sign_note(TEXT, Ed25519Signer.from_seed(seeds[0]), "log.example/tally")
        assert open_note(note, [one]).verified
        for keys in ([one, other], [other, one]):
            with pytest.raises(MalformedNote, match="261c9e3a"):
                open_note(note, keys)
        with pytest.raises(SignatureInvalid):
            open_note(note, [other])

    def test_a_key_given_twice_is_one_key(self):
        assert len(open_note(ALICE_NOTE, [ALICE_KEY] * 2).verified) == 1

    def test_as_many_signatures_as_the_limit_open_and_one_more_does_not(self):
        lines = b"".join(signature_line(sign_note(TEXT, BOB, f"bob{i}")) for i in range(NOTE_SIGNATURES - 1))
        assert len(open_note(ALICE_NOTE + lines, [ALICE_KEY]).unverified) == NOTE_SIGNATURES - 1
        with pytest.raises(TooLarge):
            open_note(ALICE_NOTE + lines + BOB_LINE, [ALICE_KEY])

    def test_sixteen_post_quantum_signatures_are_within_the_limits(self):
        line = f"— witness.example/{'w' * 40} {base64.b64encode(bytes(5_000)).decode()}\n".encode()
        assert len(open_note(ALICE_NOTE + 16 * line, [ALICE_KEY]).unverified) == 16

    def test_a_note_beyond_the_limit_is_refused_unread(self):
        with pytest.raises(TooLarge):
            open_note(bytes(NOTE_BYTES + 1), [])


class TestForm:
    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"\n",
            b"\n\n",
            b"text\n",
            b"text\n\n",
            ALICE_NOTE[:-1],
            ALICE_NOTE + b"\n",
            ALICE_NOTE + b"x",
            ALICE_NOTE.replace(b"\n", b"\r\n"),
            ALICE_NOTE.replace(b"first", b"fi\x00rst"),
            ALICE_NOTE.replace(b"first", b"fi\trst"),
            ALICE_NOTE.replace(b"first", b"fi\xffrst"),
            ALICE_NOTE.replace(b"first", b"\xed\xa0\x80"),
            ALICE_NOTE.replace("— ".encode(), b"- "),
            ALICE_NOTE.replace("— ".encode(), "—".encode()),
            ALICE_NOTE.replace("— ".encode(), "—  ".encode()),
            ALICE_NOTE.replace("— ".encode(), " — ".encode()),
            ALICE_NOTE.replace(b"alice ", b" "),
            ALICE_NOTE.replace(b"alice ", b"ali+ce "),
            ALICE_NOTE.replace(b"alice ", "ali\u00a0ce ".encode()),
            ALICE_NOTE.replace(b"alice ", "ali\u2028ce ".encode()),
            ALICE_NOTE.replace(b"alice ", b"alice  "),
            ALICE_NOTE.replace(b"alice ", b"alice x "),
            ALICE_NOTE[:-1] + b" \n",
            ALICE_NOTE[:-2] + b"\n",
            ALICE_NOTE[:-2] + b"*\n",
            with_signature(b""),
            with_signature(b"abcd"),
        ],
    )
    def test_what_is_no_note_is_malformed(self, broken):
        with pytest.raises(MalformedNote):
            open_note(broken, [ALICE_KEY])

    def test_base64_with_stray_bits_or_junk_is_malformed(self):
        line = ALICE_NOTE.rstrip(b"\n")
        assert line.endswith(b"=")
        last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        stray = last[last.index(line[-2:-1]) + 1 : last.index(line[-2:-1]) + 2]
        for spoilt in (line[:-2] + stray + b"=", line[:-1], line + b"=", line[:-20] + b"-_" + line[-18:]):
            with pytest.raises(MalformedNote):
                open_note(spoilt + b"\n", [ALICE_KEY])

    def test_lines_end_at_newlines_only(self):
        text = "one\u2028two\u0085three\x7f\n"
        assert open_note(sign_note(text, ALICE, "alice"), [ALICE_KEY]).text == text

    @pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "a\r\n", "\x00\n", "\ud800\n"])
    def test_what_cannot_be_a_note_is_not_signed(self, text):
        with pytest.raises(MalformedNote):
            sign_note(text, ALICE, "alice")

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "a\x1fb", "\ud800"])
    def test_what_cannot_be_a_name_is_not_signed_with(self, name):
        with pytest.raises(MalformedNote):
            sign_note(TEXT, ALICE, name)


class TestVerifierKeys:
    @pytest.mark.parametrize(
        "broken",
        [
            "",
            "+",
            "++",
            "example.com/foo",
            "example.com/foo+530d903a",
            VKEY.replace("530d903a", "530d903b"),
            VKEY.replace("530d903a", "530D903A"),
            VKEY.replace("530d903a", "530d903"),
            VKEY.replace("530d903a", "0x530d903a"),
            VKEY.replace("foo", "bar"),
            VKEY.replace("example.com/foo", ""),
            VKEY.replace("foo", "f o"),
            VKEY.replace("AekyeR", "BOkyeR"),
            VKEY + "\n",
            VKEY + "=",
            VKEY[:-1],
            VKEY[:-1] + "l",
            " " + VKEY,
            VKEY.replace("foo", "\ud800"),
            VKEY + "\ud800",
        ],
    )
    def test_what_is_no_key_line_is_malformed(self, broken):
        with pytest.raises((MalformedNote, MalformedKey)):
            parse_vkey(broken)

    def test_a_plus_within_the_base64_belongs_to_it(self):
        for seed in range(1, 256):
            key = vkey(Ed25519Signer.from_seed(bytes([seed]) * 32), "log")
            line = format_vkey(key)
            if line.count("+") > 2:
                assert parse_vkey(line) == key
                break
        else:
            pytest.fail("no such key among the seeds")

    def test_a_key_of_small_order_is_refused(self):
        material = base64.b64encode(b"\x01" + bytes(31) + b"\x80").decode()
        with pytest.raises(MalformedKey):
            parse_vkey(f"log+00000000+{material}")

    def test_another_type_of_key_is_named_as_such(self):
        material = base64.b64encode(b"\x04" + ALICE.public.raw).decode()
        with pytest.raises(MalformedNote, match="type 0x04"):
            parse_vkey(f"witness+00000000+{material}")
