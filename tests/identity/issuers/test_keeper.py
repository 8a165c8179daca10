"""Keys over hours, in simulated time: when a source is asked, what a request waits for, what an outage leaves."""

import asyncio

import pytest

from sidecar.identity.issuers.generations import Fetched, Refresh
from sidecar.identity.issuers.keeper import Clock
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import MissingKeyError
from tests.identity.crafting import STS
from tests.trust.simulated import Scripted, Streaming, kept, keys, now, reason, simulated, trust, wanted

OLD, NEW = STS, TrialIssuer.generate(STS.url)
OLD_ID, NEW_ID = OLD.key.public.thumbprint, NEW.key.public.thumbprint
HOUR = 3600.0


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


def test_a_fetch_that_is_due_while_one_is_under_way_is_that_one() -> None:
    async def main() -> list[float]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.sleep(295)
            source.then(10.0, keys(OLD))
            await wanted(made, NEW_ID)
            await asyncio.sleep(100)
        return source.at

    assert simulated(main) == [0, 295]


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


def test_ten_thousand_unknown_ids_at_once_are_one_fetch_where_no_brake_is_before_it() -> None:
    async def main() -> tuple[int, str]:
        source = Scripted(keys(OLD))
        made = trust(source)
        async with kept(made):
            await asyncio.gather(*(wanted(made, f"random-{number}") for number in range(5_000)))
            for number in range(5_000, 10_000):
                await wanted(made, f"random-{number}")
            return len(source.at) - 1, reason(made, OLD_ID)

    assert simulated(main) == (1, "")


@pytest.mark.parametrize(("first", "second"), [(0.0, 1.0), (1.0, 0.0)])
def test_a_key_belongs_to_the_first_issuer_in_the_settings_whoever_published_it_first(
    first: float, second: float
) -> None:
    async def main() -> list[object]:
        made = trust(Scripted(first, keys(OLD)), Scripted(second, keys(OLD, NEW)))
        async with kept(made):
            other = f"{STS.url}/1"
            seen = [reason(made, OLD_ID), reason(made, OLD_ID, other), reason(made, NEW_ID, other)]
            return [*seen, [one.health for one in made.reports()]]

    assert simulated(main) == ["", "key_ambiguous", "", ["", "key_ambiguous"]]


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
            seen.append(reason(made, OLD_ID) or "".join(made.degraded()))
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
