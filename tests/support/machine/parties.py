"""What the machine says of parties: enrolling, keys and recovery, signing for another, specifications."""

from typing import Any

from tests.support.machine.speaking import (
    NAMES,
    NOBODY_YET,
    NOWHERE,
    PARTIES,
    SEVERAL_DEVICES,
    Odds,
    Speaking,
    says,
)
from tests.support.naive import Said
from tests.support.naive.told import BY_PROXY
from tests.support.world import party

ITEM = "https://items.example/"


class PartiesSpeak(Speaking):
    @says()
    def enrols(self, by: Odds) -> None:
        chance = self.chance
        recovery = {"parties": [party("Hub"), party("Asha")], "needed": chance.choice([1, 2])}
        self.enrol(by, chance.choice([*NOBODY_YET, *NOBODY_YET, "Asha"]), chance.choice([None, recovery]))

    def enrol(self, by: Odds, name: str, recovery: object = None) -> None:
        body = {"kind": "maker", "country": "IN", "name": name}
        self.tell(by, name, "party.enrolled", body | ({"recovery": recovery} if recovery else {}))

    # Keys

    @says(2)
    def adds_a_key(self, by: Odds) -> None:
        chance = self.chance
        whose = chance.choice(SEVERAL_DEVICES)
        devices = [f"{whose} 2", f"{whose} 3", "Shared"]
        known = self.naive.keys(party(whose))
        new = [device for device in devices if party(device) not in known]
        device = chance.choice(new if new and chance.random() < 0.8 else devices)
        self.about_a_key(by, "key.added", whose, {"key": party(device), "device": device})

    @says(2)
    def revokes_a_key(self, by: Odds) -> None:
        """Mostly one of several, so that the party may speak on."""
        chance = self.chance
        whose = chance.choice(SEVERAL_DEVICES)
        keys = self.naive.keys(party(whose))
        valid = [key for key, is_valid in keys.items() if is_valid]
        if len(valid) == 1 and chance.random() < 0.7:
            valid = [key for key in keys if key not in valid]
        key = chance.choice(valid or [party("Shared")])
        self.about_a_key(
            by, "key.revoked", whose, {"key": key, "reason": chance.choice(["lost", "compromised"])}
        )

    def about_a_key(self, by: Odds, type_name: str, whose: str, body: dict[str, str]) -> None:
        """Said by the party itself, or by its recovery parties until there are enough, and one more."""
        chance, enrolled = self.chance, self.naive.enrolment(party(whose))
        refs = {"party": enrolled.id if enrolled else NOWHERE}
        if body.get("reason") == "compromised":
            refs["last_good"] = chance.choice(self.said).id
        recovery, _ = self.naive.recovery(party(whose))
        itself = not recovery or chance.random() < 0.6
        for name in [whose] if itself else [NAMES[did] for did in recovery]:
            self.tell(by, name, type_name, body, refs, party(whose))

    # Signing for another

    @says(3)
    def delegates(self, by: Odds) -> None:
        chance = self.chance
        contract = self.a_contract()
        more: dict[str, Any] = {
            "until": chance.choice(["2026-12-31", "2026-12-31", "2026-05-10", "2026-05-03"])
        }
        if chance.random() < 0.3:
            more["types"] = chance.sample(sorted(BY_PROXY), 2)
        if chance.random() < 0.4:
            unit = "H87" if chance.random() < 0.1 else contract.body["lines"][0]["unit"]
            more["most"] = {"value": chance.choice(["5", "40"]), "unit": unit}
        members = sorted(map(NAMES.__getitem__, self.naive.roles(contract)))
        giver = chance.choice(members if chance.random() < 0.9 else PARTIES)
        self.delegate(by, contract.id, giver, chance.choice(["Hub", "Dee", "Asha"]), **more)

    def delegate(self, by: Odds, contract: str, giver: str, to: str, **more: Any) -> None:
        body = {"to": party(to), "types": sorted(BY_PROXY), "until": "2026-12-31", **more}
        self.tell(by, giver, "delegation.granted", body, {}, contract)

    @says()
    def ends_a_delegation(self, by: Odds) -> None:
        granted = self.some("delegation.granted", where=lambda a: not self.naive.revoked(a))
        if granted is None:
            self.delegates(by)
        else:
            refs = {"delegation": granted.id}
            self.tell(by, granted.signer, "delegation.revoked", {"reason": "Has a phone."}, refs, granted.sub)

    @says(3)
    def confirms(self, by: Odds) -> None:
        """What was signed for one party under one contract."""
        chance = self.chance
        first = self.some(*sorted(BY_PROXY), where=self._waits_to_be_confirmed)
        if first is None:
            self.delegates(by)
            return
        whose = self.naive.who(first)
        waiting = filter(self._waits_to_be_confirmed, self.naive.of(*sorted(BY_PROXY)))
        same = [one.id for one in waiting if (self.naive.who(one), one.sub) == (whose, first.sub)]
        named = [first.id, *[id for id in same if id != first.id][: chance.choice([0, 0, 1])]]
        self.tell(by, NAMES[whose], "proxy.confirmed", {}, {"statements": named}, first.sub)

    def _waits_to_be_confirmed(self, one: Said) -> bool:
        return bool(one.refs.get("delegation")) and not self.naive.confirmed(one.id)

    # Specifications

    @says(2)
    def publishes(self, by: Odds) -> None:
        chance = self.chance
        specifier = chance.choice(["Agency", "Agency", "Asha", "Eve"])
        item, revision = ITEM + chance.choice("12"), chance.choice("ABC")
        earlier = self.some("specification.published", where=lambda a: a.signer == specifier)
        if earlier is None or chance.random() < 0.5:
            self.publish(by, specifier, item, revision)
        else:
            item = earlier.body["item"] if chance.random() < 0.8 else item
            self.publish(by, specifier, item, revision, earlier.id)

    def publish(
        self, by: Odds, specifier: str, item: str, revision: str, supersedes: str | None = None
    ) -> Said:
        design = {"sha256": "d" * 64, "size": 9_000, "media_type": "application/yaml"}
        body = {"item": item, "revision": revision, "design": design}
        return self.tell(by, specifier, "specification.published", body, {"supersedes": supersedes})
