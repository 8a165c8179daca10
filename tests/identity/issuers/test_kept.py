"""Keys over a restart: what is kept, how old it is afterwards, and what is not believed."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import FetchError, JsonError
from sidecar.identity.issuers.generations import EMPTY, NOTHING, PRIVATE, Fetched, Generation
from sidecar.identity.issuers.kept import MAX_SEEN, Kept, as_json, from_json
from sidecar.identity.keys import KeySet, admit, members
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json, parse
from tests.identity.crafting import P384, STS, ec_jwk, rsa_jwk
from tests.trust.simulated import Scripted, Streaming, keys, now, reason, simulated, trust
from tests.trust.simulated import kept as running

EPOCH = 1_900_000_000.0  # when the simulated clock is at zero
HOUR = 3600.0
OLD, NEW = STS, TrialIssuer.generate(STS.url)
OLD_ID, NEW_ID = OLD.key.public.thumbprint, NEW.key.public.thumbprint


def entry(**changes: object) -> Kept:
    held = Generation(
        keys=keys(OLD), loaded_at=7.0, sequence=3, known={OLD_ID: OLD_ID}, named="https://sts.example/jwks"
    )
    one = Kept(name="sts", issuer=STS.url, source="https://sts.example/jwks", loaded_at=EPOCH, generation=held)
    return replace(one, **changes)  # type: ignore[arg-type]  # fields of it


def written(*entries: Kept) -> Json:
    """Return `entries` as they come back from a file."""
    return parse(json.dumps(as_json(entries)))


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param(OLD.key.public_jwk(), id="Ed25519"),
        pytest.param(ec_jwk(P384), id="P-384"),
        pytest.param({**TrialIssuer.generate(algorithm="ES256").key.public_jwk()}, id="P-256"),
        pytest.param({**rsa_jwk(), "alg": "PS256", "kid": "r"}, id="RSA"),
    ],
)
def test_a_key_is_the_same_key_when_it_comes_back(jwk: dict[str, Json]) -> None:
    key = admit(jwk)
    again = admit(members(key))
    assert (again.thumbprint, again.algorithm, again.key_id) == (key.thumbprint, key.algorithm, key.key_id)
    assert again.public_key == key.public_key


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(entry(), id="a set"),
        pytest.param(entry(loaded_at=None, generation=Generation(withheld=PRIVATE)), id="private keys, never a set"),
        pytest.param(entry(generation=Generation(withheld=EMPTY, sequence=4)), id="an emptied bundle"),
        pytest.param(entry(generation=Generation(keys=KeySet(keys=(), refused={"a": "key_weak"}))), id="refused"),
    ],
)
def test_what_is_kept_comes_back(one: Kept) -> None:
    (again,) = from_json(written(one))
    held = one.generation
    assert (again.name, again.issuer, again.source, again.loaded_at) == (
        one.name,
        one.issuer,
        one.source,
        one.loaded_at,
    )
    assert [key.thumbprint for key in again.generation.keys.keys] == [key.thumbprint for key in held.keys.keys]
    assert again.generation.keys.refused == held.keys.refused
    assert (again.generation.sequence, again.generation.withheld) == (held.sequence, held.withheld)
    assert (again.generation.known, again.generation.named) == (held.known, held.named)
    assert again.resumed(EPOCH, 0.0).named == (held.named if one.loaded_at is not None else "")


def test_a_file_of_a_version_that_kept_no_metadata_is_read() -> None:
    (again,) = from_json(changed(lambda one: one.pop("named")))
    assert (again.generation.named, len(again.generation.keys.keys)) == ("", 1)


def test_the_age_counts_from_the_fetch_and_never_shrinks() -> None:
    resumed = entry().resumed(EPOCH + 1000.0, 50.0)
    assert resumed.loaded_at == 50.0 - 1000.0
    assert resumed.refused(50.0 + 2599.0, HOUR) == ""
    assert resumed.refused(50.0 + 2600.0, HOUR) == "jwks_stale"
    (again,) = from_json(written(entry(loaded_at=EPOCH + 0.9)))
    assert again.loaded_at == EPOCH


@pytest.mark.parametrize("loaded_at", [pytest.param(None, id="never"), pytest.param(EPOCH + 1, id="in the future")])
def test_keys_of_no_known_age_are_not_used_and_what_was_seen_stays(loaded_at: float | None) -> None:
    resumed = entry(loaded_at=loaded_at).resumed(EPOCH, 50.0)
    assert (resumed.keys, resumed.loaded_at) == (NOTHING, None)
    assert (resumed.sequence, resumed.known) == (3, {OLD_ID: OLD_ID})


def changed(change: Callable[[dict[str, Json]], object]) -> Json:
    """Return one entry in which something was changed."""
    value = as_json([entry()])
    listed = value["issuers"]
    assert isinstance(listed, list)
    change(listed[0])
    return value


PUBLIC = members(OLD.key.public)
DAMAGE = [
    pytest.param(None, id="null"),
    pytest.param([], id="a list"),
    pytest.param({}, id="nothing"),
    pytest.param({"version": 2, "issuers": []}, id="another version"),
    pytest.param({"version": 1, "issuers": {}}, id="no list"),
    pytest.param({"version": 1, "issuers": [1]}, id="no entry"),
    pytest.param(changed(lambda one: one.pop("name")), id="no name"),
    pytest.param(changed(lambda one: one.update(issuer=1)), id="an issuer that is a number"),
    pytest.param(changed(lambda one: one.update(source="x" * 5000)), id="a long source"),
    pytest.param(changed(lambda one: one.update(loaded_at=-1)), id="before the epoch"),
    pytest.param(changed(lambda one: one.update(loaded_at=True)), id="a moment that is true"),
    pytest.param(changed(lambda one: one.update(sequence="3")), id="a sequence as text"),
    pytest.param(changed(lambda one: one.update(withheld="x")), id="withheld for no reason that is known"),
    pytest.param(changed(lambda one: one.update(known=[])), id="ids that are a list"),
    pytest.param(changed(lambda one: one.update(named=7)), id="a URL that is a number"),
    pytest.param(changed(lambda one: one.update(named="x" * 5000)), id="a long URL"),
    pytest.param(changed(lambda one: one.update(known={"a": 1})), id="a thumbprint that is a number"),
    pytest.param(changed(lambda one: one.update(known={"a" * 300: "x"})), id="a long id"),
    pytest.param(
        changed(lambda one: one.update(known=dict.fromkeys(map(str, range(MAX_SEEN + 1)), ""))), id="many ids"
    ),
    pytest.param(changed(lambda one: one.update(keys=[PUBLIC] * 101)), id="many keys"),
    pytest.param(changed(lambda one: one.update(keys=[PUBLIC, PUBLIC])), id="one id twice"),
    pytest.param(changed(lambda one: one.update(keys=[{**PUBLIC, "d": "x"}])), id="a private key"),
    pytest.param(changed(lambda one: one.update(keys=[{**PUBLIC, "x": "AQ" + "A" * 41}])), id="N054 a weak key"),
    pytest.param(changed(lambda one: one.update(keys=[1])), id="a key that is none"),
]


@pytest.mark.parametrize("value", DAMAGE)
def test_damage_is_refused_as_a_whole(value: Json) -> None:
    with pytest.raises(FetchError):
        from_json(value)


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_any_change_of_the_text_is_read_or_refused(junk: bytes, at: int) -> None:
    text = json.dumps(as_json([entry()])).encode()
    place = at % len(text)
    try:
        from_json(parse((text[:place] + junk + text[place + len(junk) :]).decode("utf-8", "replace")))
    except (FetchError, JsonError):
        return


# ---- in the running engine -------------------------------------------------------------------------------


def restarted(made_at: float, *entries: Kept) -> dict[str, Generation]:
    """Return what a start at the simulated moment goes on with, by the file that `made_at` wrote."""
    return {one.name: one.resumed(EPOCH + made_at, now()) for one in from_json(written(*entries))}


def test_a_restart_in_an_outage_refuses_nobody_until_the_set_is_too_old() -> None:
    async def main() -> list[str]:
        source = Scripted(keys(OLD), "jwks_unavailable")
        async with running(trust(source)) as before:
            await asyncio.sleep(1000)
            entries = before.kept(EPOCH + now())
        await asyncio.sleep(500)  # down for a while
        async with running(trust(source, resumed=restarted(now(), *entries))) as made:
            told = [reason(made, OLD_ID)]
            await asyncio.sleep(HOUR - 1502)
            told.append(reason(made, OLD_ID))
            await asyncio.sleep(3)
            return [*told, reason(made, OLD_ID)]

    assert simulated(main) == ["", "", "jwks_stale"]


def test_a_key_that_was_taken_back_meanwhile_is_gone_with_the_first_fetch() -> None:
    async def main() -> tuple[list[str], list[float]]:
        source = Scripted(keys(NEW))
        made = trust(source, resumed=restarted(10.0, entry(generation=Generation(keys=keys(OLD)))))
        before = reason(made, OLD_ID)
        async with running(made):
            return [before, reason(made, OLD_ID), reason(made, NEW_ID)], source.at

    assert simulated(main) == (["", "key_unknown_kid", ""], [0])


@pytest.mark.parametrize(
    ("then", "health"),
    [
        pytest.param(Fetched(keys=keys(OLD), sequence=2), "bundle_rollback", id="N209 a bundle goes back"),
        pytest.param(
            KeySet(keys=(replace(NEW.key.public, key_id=OLD_ID),)), "bundle_rollback", id="N209 no sequence any more"
        ),
        pytest.param(
            Fetched(keys=KeySet(keys=(replace(NEW.key.public, key_id=OLD_ID),)), sequence=4),
            "key_ambiguous",
            id="N207 an id with another key",
        ),
    ],
)
def test_a_restart_does_not_make_anybody_forget(then: Fetched | KeySet, health: str) -> None:
    async def main() -> str:
        async with running(trust(Scripted(then), resumed=restarted(10.0, entry()))) as made:
            return made.reports()[0].health

    assert simulated(main) == health


def test_an_emptied_bundle_is_empty_after_a_restart() -> None:
    async def main() -> str:
        emptied = entry(generation=Generation(withheld=EMPTY, sequence=4))
        async with running(trust(Scripted("jwks_unavailable"), resumed=restarted(10.0, emptied))) as made:
            return reason(made, OLD_ID)

    assert simulated(main) == "bundle_empty"


def test_what_a_stream_told_last_is_as_young_as_the_stream_was() -> None:
    async def main() -> float | None:
        stream = Streaming()
        stream.told.put_nowait(keys(OLD))
        async with running(trust(stream)) as made:
            await asyncio.sleep(5000)
            return made.kept(EPOCH + now())[0].loaded_at

    assert simulated(main) == EPOCH + 5000


def test_one_key_of_two_issuers_that_was_kept_stops_no_start() -> None:
    async def main() -> list[str]:
        held = {name: one for name in ("sts", "sts1") for one in restarted(10.0, entry()).values()}
        async with running(trust(Scripted("jwks_unavailable"), Scripted("jwks_unavailable"), resumed=held)) as made:
            return [reason(made, OLD_ID), reason(made, OLD_ID, f"{STS.url}/1")]

    assert simulated(main) == ["", "key_ambiguous"]
