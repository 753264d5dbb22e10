"""Rules of keys (R22, R23, and R06, R07, R08, R10 of the statements about them): which key signs, from where on."""

import pytest

from ledger.limits import KEYS_BY_RECOVERY, KEYS_PER_PARTY
from ledger.rules.catalogue import Rule
from ledger.rules.identity import public_key
from ledger.rules.records import Key, Kind, Party
from ledger.rules.refusal import short_id
from ledger.rules.state import memory_digest
from tests.support.world import World, key_of, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    return World()


@pytest.fixture
def kept(world):
    """Cy named three recovery parties, of whom it takes two."""
    world.enrol("Cy", recovery={"parties": [party(one) for one in ("Hub", "Ines", "Bo")], "needed": 2})
    return world


def of(world, who):
    record = world.state.get(Key("", Kind.PARTY, party(who)))
    assert isinstance(record, Party)
    return record


def devices(world, who):
    return [key.device for key in of(world, who).keys if key.revoked is None]


# Which key signs


def test_a_party_signs_with_every_key_it_added(world):
    world.add_key("Asha", "phone")
    world.specification("A", by="Asha", device="phone")
    world.add_key("Asha", "tablet", using="phone")  # a device may add the next
    world.specification("B", by="Asha", device="tablet")
    assert devices(world, "Asha") == ["first key", "phone", "tablet"]


def test_a_key_that_is_not_there_yet_may_still_come(world):
    with refused(Rule.KEY_VALID, retriable=True) as caught:
        world.specification("A", by="Asha", device="phone")
    assert f"key {key_of('phone').kid.hex()[:12]}, which is none of Asha (…" in caught.value.found
    assert caught.value.limit == f"its valid keys: 'first key' ({key_of('Asha').kid.hex()[:12]})"
    assert caught.value.rests_on == (world.enrolment("Asha"),)
    assert caught.value.hint == "submit the key.added first, or both together; or sign with one of these"
    world.add_key("Asha", "phone")
    world.specification("A", by="Asha", device="phone")


def test_a_revoked_key_signs_nothing_more_whatever_time_it_claims(world):
    world.add_key("Asha", "phone")
    signed = world.specification("A", by="Asha", device="phone")
    revoked = world.revoke_key("Asha", "phone", "scheduled")
    with refused(Rule.KEY_VALID) as caught:
        world.specification("B", by="Asha", device="phone", at="2020-01-01T00:00:00Z")
    assert f"'phone' of Asha (…{party('Asha')[-8:]}) was revoked (scheduled)" in caught.value.found
    assert (caught.value.rests_on, caught.value.hint) == ((revoked,), "sign again with a key that is valid")
    assert world.state.known(signed)  # what it signed before stays


def test_a_revoked_key_revokes_and_adds_nothing(world):
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "phone")
    with refused(Rule.KEY_VALID):
        world.add_key("Asha", "thief's phone", using="phone")
    with refused(Rule.KEY_VALID):
        world.revoke_key("Asha", "Asha", using="phone")


def test_a_key_may_end_its_own_use(world):
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "phone", using="phone")
    assert devices(world, "Asha") == ["first key"]


def test_the_first_key_may_be_revoked_and_the_party_stays_who_it_is(world):
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "Asha", using="phone")
    with refused(Rule.KEY_VALID):
        world.specification("A", by="Asha")
    world.specification("A", by="Asha", device="phone")


def test_without_a_valid_key_the_refusal_says_who_can_help(kept):
    kept.revoke_key("Cy", "Cy")
    with refused(Rule.KEY_VALID) as caught:
        kept.specification("A", by="Cy")
    assert caught.value.limit == "it has no valid key: only its recovery parties can add one"
    kept.revoke_key("Asha", "Asha")
    with refused(Rule.KEY_VALID) as caught:
        kept.specification("A", by="Asha")
    assert caught.value.limit == "it has no valid key, and named no recovery parties that could add one"


def test_who_enrols_signs_with_the_key_its_id_names(world):
    body = {"kind": "maker", "country": "IN", "name": "Cy"}
    with refused(Rule.KEY_VALID) as caught:
        world.say("Cy", "party.enrolled", body, device="phone")
    kid = key_of("phone").kid.hex()
    assert caught.value.found == f"this party.enrolled is signed with key {kid[:12]}"
    assert caught.value.limit == f"the key that the signer's id names, …{party('Cy')[-8:]}"


def test_enrolled_once_with_the_first_key_and_never_again_with_another(world):
    world.add_key("Asha", "phone")
    with refused(Rule.KEY_VALID):
        world.say("Asha", "party.enrolled", {"kind": "hub", "country": "IN", "name": "Asha"}, device="phone")


def test_the_key_of_one_party_is_not_the_key_of_another(world):
    """Bo claims to be Asha: the key is good, and it is not hers."""
    with refused(Rule.KEY_VALID, retriable=True):
        world.specification("A", by="Asha", device="Bo")


def test_a_key_that_two_parties_name_signs_for_whichever_the_statement_names(world):
    """Asha may add the key of a device that is Bo's first: it lends Bo her name, and takes nothing of his."""
    world.add_key("Asha", "Bo")
    world.specification("A", by="Asha", device="Bo")
    world.specification("A", by="Bo")
    with refused(Rule.KEY_VALID, retriable=True):
        world.specification("B", by="Bo", device="Asha")
    world.revoke_key("Asha", "Bo", "compromised")
    world.specification("B", by="Bo")  # revoked for Asha, not for Bo


def test_a_signature_is_checked_with_a_revoked_key_too(world):
    """Whether it was valid is a rule; whether the signature is right is not."""
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "phone")
    assert public_key(world.state, party("Asha"), key_of("phone").kid) == key_of("phone")
    assert public_key(world.state, party("Asha"), key_of("tablet").kid) is None
    assert public_key(world.state, party("Dee"), key_of("Dee").kid) is None


# Adding and revoking


def test_a_key_is_added_once(world):
    added = world.add_key("Asha", "phone")
    with refused(Rule.KEY_ONCE) as caught:
        world.add_key("Asha", "phone", label="the same phone")
    assert caught.value.found.endswith("has had this key before, as 'phone'; it is valid")
    assert (caught.value.rests_on, caught.value.limit) == ((added,), "a key that was never added")
    assert caught.value.hint == "nothing to do: it may sign already"


def test_the_first_key_was_added_by_enrolling(world):
    with refused(Rule.KEY_ONCE) as caught:
        world.add_key("Asha", "Asha")
    assert caught.value.rests_on == (world.enrolment("Asha"),)


def test_a_revoked_key_is_never_added_again(world):
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "phone", "lost")
    with refused(Rule.KEY_ONCE) as caught:
        world.add_key("Asha", "phone", label="found again")
    assert caught.value.found.endswith("it is revoked (lost)")
    assert caught.value.hint == "make a new key on the device"


def test_a_key_is_revoked_once(world):
    world.add_key("Asha", "phone")
    revoked = world.revoke_key("Asha", "phone", "lost")
    with refused(Rule.KEY_ONCE) as caught:
        world.revoke_key("Asha", "phone", "compromised")
    assert caught.value.found == f"the key of 'phone' has been revoked already, by {short_id(revoked)}"
    assert caught.value.rests_on == (revoked,)
    assert caught.value.hint == "nothing to do: it signs nothing more"


def test_a_key_to_be_revoked_may_still_be_added(world):
    with refused(Rule.KEY_ONCE, retriable=True) as caught:
        world.revoke_key("Asha", "phone")
    assert caught.value.found.startswith(f"the key …{party('phone')[-8:]} is none of Asha (…")
    assert caught.value.limit.startswith("its valid keys: 'first key' (")
    assert caught.value.rests_on == (world.enrolment("Asha"),)
    assert caught.value.hint == "submit the key.added first, or both together"
    world.add_key("Asha", "phone")
    world.revoke_key("Asha", "phone")


def test_a_compromised_key_keeps_its_last_good_statement(world):
    good = world.specification("A", by="Asha")
    world.add_key("Asha", "phone")
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.revoke_key("Asha", "Asha", "compromised", last_good=NOWHERE, using="phone")
    assert caught.value.rests_on == (NOWHERE,)
    revoked = world.revoke_key("Asha", "Asha", "compromised", last_good=good, using="phone")
    key = of(world, "Asha").key(key_of("Asha").kid)
    assert (key.revoked, key.reason, key.last_good) == (revoked, "compromised", good)


def test_a_key_statement_is_about_a_party(world):
    contract = world.framework()
    body, refs = {"key": party("phone"), "device": "phone"}, {"party": world.enrolment("Asha")}
    with refused(Rule.SUBJECT) as caught:
        world.say("Asha", "key.added", body, refs, sub=contract)
    assert caught.value.limit == "the party whose key it is about"
    assert caught.value.hint == "sign it again with that party's id as its subject"


def test_a_key_statement_refers_to_the_enrolment_of_its_subject(world):
    body = {"key": party("phone"), "device": "phone"}
    with refused(Rule.REF_FITS) as caught:
        world.say("Asha", "key.added", body, {"party": world.enrolment("Bo")})
    assert (
        caught.value.found
        == f"{short_id(world.enrolment('Bo'))} is not the enrolment of …" + party("Asha")[-8:]
    )
    assert caught.value.rests_on == (world.enrolment("Bo"),)
    assert caught.value.limit == "the party.enrolled of the party that is the subject"
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.say("Asha", "key.added", body, {"party": NOWHERE})
    assert caught.value.found == f"the enrolment {NOWHERE[:12]} it rests on is not registered"
    with refused(Rule.REF_REGISTERED, retriable=True):  # of a party that has not enrolled
        world.say("Asha", "key.added", body, {"party": NOWHERE}, sub=party("Cy"))


@pytest.mark.parametrize("act", ["add_key", "revoke_key"])
def test_nobody_adds_or_revokes_a_key_of_another(world, act):
    with refused(Rule.SIGNER) as caught:
        getattr(world, act)("Asha", "Eve" if act == "add_key" else "Asha", by="Bo")
    assert caught.value.limit.endswith("itself, or its recovery parties: no recovery party is named")
    assert caught.value.rests_on == (world.enrolment("Asha"),)


# Recovery


def test_enough_recovery_parties_together_add_a_key(kept):
    added = kept.add_key("Cy", "new phone", by="Hub")
    assert devices(kept, "Cy") == ["first key"]
    with refused(Rule.KEY_VALID, retriable=True):
        kept.specification("A", by="Cy", device="new phone")
    second = kept.add_key("Cy", "new phone", by="Ines")
    key = of(kept, "Cy").key(key_of("new phone").kid)
    assert (key.added, key.added_with) == (second, (added,))  # both words are what it rests on
    assert (key.revoked, key.revoked_with) == (None, ())
    assert of(kept, "Cy").approvals == ()
    kept.specification("A", by="Cy", device="new phone")


def test_enough_recovery_parties_together_revoke_a_key(kept):
    first = kept.revoke_key("Cy", "Cy", by="Hub")
    kept.specification("A", by="Cy")  # one alone ends nothing
    second = kept.revoke_key("Cy", "Cy", by="Bo")
    key = of(kept, "Cy").key(key_of("Cy").kid)
    assert (key.revoked, key.revoked_with) == (second, (first,))
    assert key.added_with == ()
    with refused(Rule.KEY_VALID):
        kept.specification("B", by="Cy")


def test_one_recovery_party_is_one_however_often_it_says_so(kept):
    kept.add_key("Cy", "new phone", by="Hub")
    with refused(Rule.KEY_ONCE) as caught:
        kept.add_key("Cy", "new phone", by="Hub", label="another label")
    assert "Hub (…" in caught.value.found
    assert caught.value.found.endswith("has said so already")
    assert caught.value.limit == "2 different recovery parties"
    assert caught.value.hint == "have another recovery party sign"
    assert caught.value.rests_on == (kept.enrolment("Cy"),)


def test_words_on_different_acts_and_keys_are_not_added_up(kept):
    kept.add_key("Cy", "phone", by="Hub")
    kept.add_key("Cy", "tablet", by="Ines")
    kept.revoke_key("Cy", "Cy", by="Bo")
    assert devices(kept, "Cy") == ["first key"]
    kept.add_key("Cy", "phone", by="Ines")
    assert devices(kept, "Cy") == ["first key", "phone"]
    assert len(of(kept, "Cy").approvals) == 2  # the others still wait


def test_recovery_parties_agree_on_why_a_key_ends(kept):
    """Else the last of them alone would say from where on everything that the key signed is in doubt."""
    good = kept.specification("A", by="Cy")
    kept.revoke_key("Cy", "Cy", "compromised", last_good=good, by="Hub")
    kept.revoke_key("Cy", "Cy", "compromised", last_good=kept.enrolment("Cy"), by="Ines")
    kept.revoke_key("Cy", "Cy", "lost", by="Bo")
    kept.revoke_key("Cy", "Cy", "scheduled", by="Hub")
    assert devices(kept, "Cy") == ["first key"]
    kept.revoke_key("Cy", "Cy", "compromised", last_good=good, by="Ines")
    assert of(kept, "Cy").key(key_of("Cy").kid).last_good == good
    assert of(kept, "Cy").approvals == ()


def test_what_the_party_does_itself_settles_what_waited(kept):
    kept.add_key("Cy", "phone", by="Hub")
    kept.add_key("Cy", "phone")
    assert of(kept, "Cy").approvals == ()
    kept.revoke_key("Cy", "phone", by="Hub")
    kept.revoke_key("Cy", "phone")
    with refused(Rule.KEY_ONCE):
        kept.revoke_key("Cy", "phone", by="Ines")


def test_a_stranger_is_no_recovery_party(kept):
    with refused(Rule.SIGNER) as caught:
        kept.add_key("Cy", "phone", by="Asha")
    named = ", ".join(f"{one} (…{party(one)[-8:]})" for one in ("Hub", "Ines", "Bo"))
    assert caught.value.limit.endswith(f"its recovery parties: {named}")


def test_a_recovery_party_signs_with_a_valid_key_of_its_own(kept):
    kept.revoke_key("Hub", "Hub")
    with refused(Rule.KEY_VALID):
        kept.add_key("Cy", "phone", by="Hub")


def test_recovery_gives_no_other_right(kept):
    with refused(Rule.KEY_VALID, retriable=True):
        kept.specification("A", by="Cy", device="Hub")


def test_one_may_be_enough(world):
    world.enrol("Cy", recovery={"parties": [party("Hub")], "needed": 1})
    world.revoke_key("Cy", "Cy", by="Hub")
    world.add_key("Cy", "phone", by="Hub")
    assert devices(world, "Cy") == ["phone"]


# Bounds


def test_a_party_has_so_many_keys_revoked_ones_counted(world):
    for number in range(KEYS_PER_PARTY - 1):  # and the first
        world.add_key("Asha", f"phone {number}")
    world.revoke_key("Asha", "phone 0")
    with refused(Rule.KEY_ONCE) as caught:
        world.add_key("Asha", "one more")
    assert caught.value.limit == f"{KEYS_PER_PARTY} keys, revoked ones counted"
    assert (caught.value.rests_on, caught.value.hint) == ((world.enrolment("Asha"),), "")


def test_who_stole_a_key_cannot_use_up_those_that_recovery_adds(kept):
    for number in range(KEYS_PER_PARTY - KEYS_BY_RECOVERY - 1):
        kept.add_key("Cy", f"thief {number}")
    with refused(Rule.KEY_ONCE) as caught:
        kept.add_key("Cy", "one more")
    assert caught.value.limit == f"{KEYS_PER_PARTY - KEYS_BY_RECOVERY} keys, revoked ones counted"
    assert caught.value.hint == f"its recovery parties may add {KEYS_BY_RECOVERY} more"
    for number in range(KEYS_BY_RECOVERY):
        for one in ("Hub", "Bo"):
            kept.add_key("Cy", f"new {number}", by=one)
    with refused(Rule.KEY_ONCE):
        kept.add_key("Cy", "one more", by="Hub")
    assert len(of(kept, "Cy").keys) == KEYS_PER_PARTY


def test_words_that_wait_do_not_grow_without_end(kept):
    kept.add_key("Cy", "oldest", by="Hub")
    kept.add_key("Cy", "of Ines", by="Ines")
    for number in range(KEYS_PER_PARTY):
        kept.add_key("Cy", f"phone {number}", by="Hub")
    assert len(of(kept, "Cy").approvals) == KEYS_PER_PARTY + 1
    kept.add_key("Cy", "oldest", by="Bo")  # the hub's word for it has given way
    assert devices(kept, "Cy") == ["first key"]
    kept.add_key("Cy", "of Ines", by="Bo")
    assert devices(kept, "Cy") == ["first key", "of Ines"]


def test_a_refused_word_changes_nothing(kept):
    kept.add_key("Cy", "phone", by="Hub")
    before = memory_digest(kept.state)
    with refused(Rule.KEY_ONCE):
        kept.add_key("Cy", "phone", by="Hub", label="again")
    assert memory_digest(kept.state) == before
