"""The conformance list on trust: N200 to N210, N241, P17, P18 and the keys of P21 (identity-spec 3)."""

import asyncio
from dataclasses import replace

import pytest

from sidecar.identity.keys import KeySet
from sidecar.identity.trial import TrialIssuer
from tests.identity.crafting import STS
from tests.trust.simulated import Scripted, kept, keys, now, reason, simulated, trust, wanted

OLD, NEW = STS, TrialIssuer.generate(STS.url)
OLD_ID, NEW_ID = OLD.key.public.thumbprint, NEW.key.public.thumbprint
HOUR = 3600.0


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
