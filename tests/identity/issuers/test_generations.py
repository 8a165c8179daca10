"""What one fetch makes of the keys held: pure, by table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.identity.issuers.generations import Fetched, Generation, Refresh, differences, failed, succeeded
from sidecar.identity.keys import KeySet, TrustedKey
from tests.identity.crafting import EVIL, STS, STS2
from tests.trust.simulated import keys

REFRESH = Refresh()
(ONE,), (TWO,), (THREE,) = keys(STS).keys, keys(STS2).keys, keys(EVIL).keys


def named(key: TrustedKey, name: str) -> TrustedKey:
    return replace(key, key_id=name)


def held(*these: TrustedKey, refused: dict[str, str] | None = None, sequence: int | None = None) -> Fetched:
    return Fetched(keys=KeySet(keys=these, refused=refused or {}), sequence=sequence)


LOADED = succeeded(Generation(), held(named(ONE, "a")), 100.0)


@pytest.mark.parametrize(
    ("generation", "chance", "seconds"),
    [
        pytest.param(Generation(), 0.5, 300, id="by default"),
        pytest.param(Generation(), 0.0, 240, id="a fifth less"),
        pytest.param(Generation(max_age=120.0), 0.5, 120, id="as asked"),
        pytest.param(Generation(max_age=0.0), 0.5, 60, id="not at once"),
        pytest.param(Generation(max_age=1e9), 0.5, 3600, id="not never"),
        pytest.param(Generation(again=30.0, max_age=600.0), 0.5, 30, id="a file"),
        pytest.param(Generation(failures=1, again=30.0), 0.5, 1, id="failed"),
        pytest.param(Generation(failures=4), 0.5, 8, id="failed again"),
        pytest.param(Generation(failures=100_000), 0.5, 60, id="failed for ever"),
    ],
)
def test_when_it_is_time_again(generation: Generation, chance: float, seconds: float) -> None:
    assert generation.pause(REFRESH, chance) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("generation", "at", "reason"),
    [
        pytest.param(Generation(), 0.0, "trust_not_loaded", id="never loaded"),
        pytest.param(failed(Generation(), "jwks_unavailable"), 0.0, "trust_not_loaded", id="down"),
        pytest.param(failed(Generation(), "jwks_fetch_refused"), 0.0, "jwks_fetch_refused", id="refused"),
        pytest.param(failed(Generation(), "jwks_too_large"), 0.0, "jwks_too_large", id="too large"),
        pytest.param(failed(Generation(), "discovery_issuer_mismatch"), 0.0, "discovery_issuer_mismatch", id="N205"),
        pytest.param(LOADED, 3699.9, "", id="young"),
        pytest.param(LOADED, 3700.0, "jwks_stale", id="too old"),
        pytest.param(failed(LOADED, "jwks_malformed"), 200.0, "", id="failed since"),
        pytest.param(failed(LOADED, "key_private_or_symmetric"), 200.0, "key_private_or_symmetric", id="poisoned"),
        pytest.param(succeeded(LOADED, held(), 200.0), 200.0, "bundle_empty", id="emptied"),
        pytest.param(
            succeeded(failed(LOADED, "key_private_or_symmetric"), held(named(ONE, "a")), 200.0), 200.0, "", id="healed"
        ),
    ],
)
def test_why_keys_are_withheld(generation: Generation, at: float, reason: str) -> None:
    assert generation.refused(at, REFRESH.max_stale) == reason


def test_what_a_success_leaves_of_a_failure_is_nothing() -> None:
    after = succeeded(failed(LOADED, "jwks_malformed"), held(named(ONE, "a")), 300.0)
    assert (after.health, after.failures, after.loaded_at) == ("", 0, 300.0)


def test_a_failure_leaves_the_keys_and_their_age() -> None:
    after = failed(failed(LOADED, "jwks_malformed"), "jwks_unavailable")
    assert (after.keys, after.loaded_at, after.failures) == (LOADED.keys, 100.0, 2)
    assert after.health == "jwks_unavailable"


@pytest.mark.parametrize(
    ("before", "after", "health"),
    [
        pytest.param(None, 1, "", id="a first sequence"),
        pytest.param(1, 1, "", id="the same"),
        pytest.param(1, 7, "", id="higher"),
        pytest.param(7, 6, "bundle_rollback", id="N209 lower"),
        pytest.param(7, None, "bundle_rollback", id="none any more"),
    ],
)
def test_n209_a_sequence_does_not_go_back(before: int | None, after: int | None, health: str) -> None:
    first = succeeded(Generation(), held(named(ONE, "a"), sequence=before), 0.0)
    then = succeeded(first, held(named(TWO, "b"), sequence=after), 1.0)

    assert then.health == health
    assert [key.key_id for key in then.keys.keys] == ["a" if health else "b"]


def test_n208_an_id_that_cannot_be_used_for_once_is_no_gap() -> None:
    between = succeeded(LOADED, held(named(TWO, "b"), refused={"a": "key_weak"}), 1.0)
    after = succeeded(between, held(named(TWO, "a")), 2.0)

    assert (after.keys.keys, after.keys.refused, after.health) == ((), {"a": "key_ambiguous"}, "key_ambiguous")
    assert after.withheld == ""


def test_a_key_under_a_new_id_is_no_reuse() -> None:
    after = succeeded(LOADED, held(named(ONE, "b"), named(TWO, "c")), 1.0)
    assert [key.key_id for key in after.keys.keys] == ["b", "c"]


def test_keys_without_an_id_are_never_reused() -> None:
    both = succeeded(LOADED, held(named(ONE, ""), named(TWO, "")), 0.0)
    assert [key.thumbprint for key in both.keys.keys] == [ONE.thumbprint, TWO.thumbprint]
    assert both.known == {}


def test_what_changed_is_told_by_thumbprint() -> None:
    before, after = KeySet(keys=(ONE, TWO)), KeySet(keys=(TWO, THREE))
    assert differences(before, after) == ((THREE.thumbprint,), (ONE.thumbprint,))


NAMES = st.sampled_from(["a", "b", ""])
KEYS = st.builds(named, st.sampled_from([ONE, TWO, THREE]), NAMES)
SETS = st.lists(KEYS, max_size=3, unique_by=lambda key: key.key_id).map(lambda found: held(*found))


@given(st.lists(st.one_of(SETS, st.sampled_from(["jwks_unavailable", "jwks_malformed"])), max_size=8))
def test_whatever_comes_an_id_never_changes_its_key_without_a_gap(steps: list[Fetched | str]) -> None:
    generation, last = Generation(), dict[str, str]()
    for at, step in enumerate(steps):
        if isinstance(step, str):
            generation = failed(generation, step)
            continue
        generation = succeeded(generation, step, float(at))
        offered = {key.key_id: key.thumbprint for key in step.keys.keys if key.key_id}
        usable = {key.key_id: key.thumbprint for key in generation.keys.keys if key.key_id}
        last = {name: last.get(name, offered[name]) for name in offered}
        assert usable.items() <= offered.items()
        assert all(last[name] == print_ for name, print_ in usable.items())
