"""Keys over hours, in simulated time: when a source is asked, what a request waits for, what an outage leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from sidecar.errors import TokenError
from sidecar.identity.generations import Fetched, Refresh
from sidecar.identity.keeper import Clock
from sidecar.identity.keys import KeySet
from sidecar.identity.refresh import Trust
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import MissingKeyError
from tests.identity.crafting import STS
from tests.trust.simulated import Scripted, Streaming, keys, now, reason, simulated, trust

OLD, NEW = STS, TrialIssuer.generate(STS.url)
OLD_ID, NEW_ID = OLD.key.public.thumbprint, NEW.key.public.thumbprint
HOUR = 3600.0


@asynccontextmanager
async def kept(made: Trust) -> AsyncIterator[Trust]:
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def wanted(made: Trust, key_id: str) -> str:
    """Return what a request is told that needs `key_id`, after it waited: empty where the key is there."""
    before = reason(made, key_id)
    if before not in {"key_unknown_kid", "trust_not_loaded", "jwks_stale"}:
        return before
    try:
        again = await made.renewed(MissingKeyError("", issuer="sts", key_id=key_id, reason=before))
    except TokenError as error:
        return error.reason
    return reason(made, key_id) if again else before


def test_a_source_is_asked_every_five_minutes() -> None:
    async def main() -> list[float]:
        source = Scripted(keys(OLD))
        async with kept(trust(source)):
            await asyncio.sleep(901)
        return source.at

    assert simulated(main) == [0, 300, 600, 900]


@pytest.mark.parametrize(("chance", "second"), [(0.0, 240), (0.999999, 360)])
def test_a_fleet_does_not_ask_all_at_once(chance: float, second: float) -> None:
    async def main() -> float:
        source = Scripted(keys(OLD))
        async with kept(trust(source, clock=Clock(mono=now, chance=lambda: chance))):
            await asyncio.sleep(400)
        return source.at[1]

    assert simulated(main) == pytest.approx(second, abs=0.1)


def test_what_a_server_asks_for_comes_first() -> None:
    async def main() -> list[float]:
        source = Scripted(Fetched(keys=keys(OLD), max_age=900))
        async with kept(trust(source)):
            await asyncio.sleep(1000)
        return source.at

    assert simulated(main) == [0, 900]


def test_after_a_failure_it_is_asked_ever_less_often() -> None:
    async def main() -> list[float]:
        source = Scripted("jwks_unavailable")
        async with kept(trust(source)):
            await asyncio.sleep(200)
        return source.at

    assert simulated(main) == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_start_waits_for_the_first_keys_for_a_few_seconds_only() -> None:
    async def main() -> tuple[float, str]:
        made = trust(Scripted(60.0, keys(OLD)))
        async with kept(made):
            return now(), reason(made, OLD_ID)

    assert simulated(main) == (5.0, "trust_not_loaded")


def test_a_source_that_hangs_is_given_up() -> None:
    async def main() -> tuple[list[float], str]:
        source = Scripted(1000.0, 1000.0, keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(32 + 1)
        return source.at, reason(made, OLD_ID)

    assert simulated(main) == ([0, 16, 33], "")


def test_p18_and_n202_an_outage_leaves_the_keys_for_an_hour() -> None:
    async def main() -> list[str]:
        source = Scripted(keys(OLD))
        made = trust(source)
        seen = []
        async with kept(made):
            source.then("jwks_unavailable")
            for until in (HOUR - 1, HOUR + 0.5):
                await asyncio.sleep(until - now())
                seen.append(reason(made, OLD_ID))
            source.then(keys(OLD))
            await asyncio.sleep(61)
            seen.append(reason(made, OLD_ID))
        return seen

    assert simulated(main) == ["", "jwks_stale", ""]


def test_n202_a_hang_is_an_outage_too() -> None:
    async def main() -> list[str]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            source.then(60.0, 60.0)
            await asyncio.sleep(HOUR - 1)
            young = reason(made, OLD_ID)
            await asyncio.sleep(2)
            return [young, reason(made, OLD_ID)]

    assert simulated(main) == ["", "jwks_stale"]


@pytest.mark.parametrize("health", ["jwks_malformed", "jwks_too_large", "jwks_fetch_refused", "jwks_unavailable"])
def test_n203_a_reply_that_cannot_be_used_replaces_nothing(health: str) -> None:
    async def main() -> tuple[str, list[str], str]:
        source = Scripted(keys(OLD), health)
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(301)
            return reason(made, OLD_ID), sorted(made.degraded()), made.reports()[0].health

    assert simulated(main) == ("", ["trust:sts"], health)


@pytest.mark.parametrize(
    ("health", "told"),
    [("jwks_malformed", "jwks_malformed"), ("jwks_unavailable", "trust_not_loaded")],
)
def test_where_no_set_was_ever_loaded_a_request_is_told_why(health: str, told: str) -> None:
    async def main() -> str:
        made = trust(Scripted(health))
        async with kept(made):
            return await wanted(made, OLD_ID)

    assert simulated(main) == told


def test_p17_a_new_key_costs_one_fetch_and_the_old_one_passes_until_it_is_removed() -> None:
    async def main() -> tuple[list[str], int]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(60)
            source.then(keys(OLD, NEW))
            seen = [await wanted(made, NEW_ID), reason(made, OLD_ID)]
            asked = len(source.at)
            source.then(keys(NEW))
            await asyncio.sleep(301)
            return [*seen, reason(made, OLD_ID), reason(made, NEW_ID)], asked

    assert simulated(main) == (["", "", "key_unknown_kid", ""], 2)


def test_n200_ten_thousand_unknown_ids_are_one_fetch() -> None:
    async def main() -> tuple[set[str], int, float]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(10)
            told = await asyncio.gather(*(wanted(made, f"kid-{number}") for number in range(10_000)))
            return set(told), len(source.at) - 1, now() - 10

    assert simulated(main) == ({"key_unknown_kid"}, 1, 0.0)


def test_n200_a_stream_of_unknown_ids_is_a_fetch_every_thirty_seconds() -> None:
    async def main() -> list[float]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            for number in range(290):
                await asyncio.sleep(1)
                await wanted(made, f"kid-{number}")
        return source.at

    assert simulated(main) == [0, *(float(1 + 30 * number) for number in range(10))]


def test_an_unknown_id_is_remembered_for_a_minute() -> None:
    async def main() -> list[int]:
        source = Scripted(keys(OLD))
        made = trust(source)
        asked = []
        async with kept(made):
            for at in (10, 45, 69, 71):
                await asyncio.sleep(at - now())
                await wanted(made, "nobody's")
                asked.append(len(source.at))
        return asked

    assert simulated(main) == [2, 2, 2, 3]


def test_only_so_many_unknown_ids_are_remembered() -> None:
    async def main() -> list[int]:
        source = Scripted(keys(OLD))
        made = trust(source, refresh=Refresh(unknown_interval=0.0, unknown_entries=2))
        async with kept(made):
            asked = []
            for name in ("a", "b", "c", "c", "b", "a"):
                await wanted(made, name)
                asked.append(len(source.at))
        return asked

    assert simulated(main) == [2, 3, 4, 4, 4, 5]


def test_n201_a_thousand_requests_at_a_cold_start_are_one_fetch() -> None:
    async def main() -> tuple[set[str], int]:
        source = Scripted(0.1, keys(OLD))
        made = trust(source)
        starting = asyncio.create_task(made.start())
        await asyncio.sleep(0)
        told = await asyncio.gather(*(wanted(made, OLD_ID) for _ in range(1000)))
        await starting
        await made.stop()
        return set(told), len(source.at)

    assert simulated(main) == ({""}, 1)


def test_n201_a_request_waits_no_longer_than_a_moment() -> None:
    async def main() -> tuple[str, float, int]:
        source = Scripted(3.0, keys(OLD))
        made = trust(source)
        starting = asyncio.create_task(made.start())
        await asyncio.sleep(0)
        told = await wanted(made, OLD_ID)
        waited = now()
        await starting
        await made.stop()
        return told, waited, len(source.at)

    assert simulated(main) == ("trust_not_loaded", 0.2, 1)


def test_n241_an_unknown_id_while_the_endpoint_is_down() -> None:
    async def main() -> list[str]:
        source = Scripted(keys(OLD), "jwks_unavailable")
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(60)
            first = await wanted(made, NEW_ID)
            second = await wanted(made, "another")  # without a fetch of its own
            return [first, second, reason(made, OLD_ID)]

    assert simulated(main) == ["jwks_unavailable", "jwks_unavailable", ""]


def test_n241_an_unknown_id_while_the_endpoint_hangs() -> None:
    async def main() -> tuple[str, float, str]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(60)
            source.then(2.0, keys(OLD, NEW))
            told = await wanted(made, NEW_ID)
            waited = now() - 60
            await asyncio.sleep(3)
            return told, round(waited, 6), reason(made, NEW_ID)

    assert simulated(main) == ("jwks_unavailable", 0.2, "")


def test_n208_an_id_with_another_key_is_refused_until_it_was_absent_once() -> None:
    def named(issuer: TrialIssuer) -> KeySet:
        return KeySet(keys=tuple(replace(key, key_id="k") for key in keys(issuer).keys))

    async def main() -> list[tuple[str, str]]:
        source = Scripted(named(OLD))
        made = trust(source)
        seen = []
        async with kept(made):
            await asyncio.sleep(1)
            for step in (named(NEW), named(NEW), keys(OLD), named(NEW)):
                source.then(step)
                await asyncio.sleep(300)
                seen.append((reason(made, "k"), made.reports()[0].health))
        return seen

    alert = ("key_ambiguous", "key_ambiguous")
    assert simulated(main) == [alert, alert, ("key_unknown_kid", ""), ("", "")]


def test_n207_private_keys_poison_the_set_and_the_keys_held() -> None:
    async def main() -> list[str]:
        source = Scripted(keys(OLD), "key_private_or_symmetric")
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(301)
            poisoned = reason(made, OLD_ID)
            source.then(keys(OLD))
            await asyncio.sleep(2)
            return [poisoned, reason(made, OLD_ID)]

    assert simulated(main) == ["key_private_or_symmetric", ""]


def test_a_key_of_another_issuer_is_not_taken_for_ones_own() -> None:
    async def main() -> list[str]:
        made = trust(Scripted(keys(OLD)), Scripted(1.0, keys(OLD, NEW)))
        async with kept(made):
            second = f"{STS.url}/1"
            return [reason(made, OLD_ID), reason(made, OLD_ID, second), reason(made, NEW_ID, second)]

    assert simulated(main) == ["", "key_ambiguous", ""]


def test_a_bug_in_a_loader_is_told_and_costs_nothing_else() -> None:
    faults: list[str] = []

    async def main() -> str:
        source = Scripted(keys(OLD), ValueError("secret"))
        made = trust(source, faults=faults)
        async with kept(made):
            await asyncio.sleep(301)
            return reason(made, OLD_ID)

    assert simulated(main) == ""
    assert faults == ["keys cannot be loaded: ValueError"]


def test_each_change_makes_one_new_store_and_nothing_else_does() -> None:
    async def main() -> list[int]:
        source = Scripted(keys(OLD))
        made = trust(source)
        generations: list[int] = []
        made.listen(lambda store: generations.append(store.generation))
        async with kept(made):
            await asyncio.sleep(1000)
            source.then(keys(OLD, NEW))
            await asyncio.sleep(300)
            source.then("jwks_unavailable")
            await asyncio.sleep(2 * HOUR)
        return generations

    assert simulated(main) == [1, 2, 3]  # loaded, rotated, too old


def test_whatever_the_app_does_with_a_store_the_keys_are_kept() -> None:
    faults: list[str] = []

    def broken(_store: object) -> None:
        raise RuntimeError

    async def main() -> int:
        source = Scripted(keys(OLD))
        made = trust(source, faults=faults)
        made.listen(broken)
        async with kept(made):
            await asyncio.sleep(301)
        return len(source.at)

    assert simulated(main) == 2
    assert faults == ["new keys cannot be put in place: RuntimeError"]


def test_a_stream_is_fresh_as_long_as_it_stands_and_ages_when_it_breaks() -> None:
    async def main() -> list[str]:
        source = Streaming()
        source.told.put_nowait(keys(OLD))
        made = trust(source)
        seen = []
        async with kept(made):
            await asyncio.sleep(5 * HOUR)
            seen.append(reason(made, OLD_ID))
            source.told.put_nowait("jwks_unavailable")
            await asyncio.sleep(HOUR - 1)
            seen.append(reason(made, OLD_ID))
            await asyncio.sleep(2)
            seen.append(reason(made, OLD_ID))
            source.told.put_nowait(keys(OLD, NEW))
            await asyncio.sleep(1)
            seen.append(reason(made, NEW_ID))
        return seen

    assert simulated(main) == ["", "", "jwks_stale", ""]


def test_a_stream_is_never_asked() -> None:
    faults: list[str] = []

    async def main() -> list[object]:
        source = Streaming()
        source.told.put_nowait(keys(OLD))
        made = trust(source, faults=faults)
        async with kept(made):
            unknown = await wanted(made, NEW_ID)
            source.told.put_nowait(ValueError("secret"))
            await asyncio.sleep(0.5)
            down = await wanted(made, NEW_ID)
            await asyncio.sleep(1)
            return [unknown, down, source.opened]

    assert simulated(main) == ["key_unknown_kid", "jwks_unavailable", 2]
    assert faults == ["keys cannot be followed: ValueError"]


def test_an_emptied_stream_takes_all_keys_back_at_once() -> None:
    async def main() -> list[str]:
        source = Streaming()
        source.told.put_nowait(keys(OLD))
        made = trust(source)
        async with kept(made):
            source.told.put_nowait(keys())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return [reason(made, OLD_ID), *made.degraded()]

    assert simulated(main) == ["bundle_empty", "trust:sts"]


def test_a_command_loads_each_source_once() -> None:
    async def main() -> list[str]:
        stream, silent = Streaming(), Streaming()
        stream.told.put_nowait(keys(NEW))
        made = trust(Scripted(keys(OLD)), stream, silent)
        await made.loaded()
        await made.stop()
        return [one.health for one in made.reports()]

    assert simulated(main) == ["", "", "trust_not_loaded"]


def test_an_issuer_that_nobody_keeps_is_not_waited_for() -> None:
    async def main() -> bool:
        made = trust(Scripted(keys(OLD)))
        return await made.renewed(MissingKeyError("", issuer="else", key_id="k"))

    assert simulated(main) is False
