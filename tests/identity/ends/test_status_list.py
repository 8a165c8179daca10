"""Status lists: what they say of a token, and what is no list at all."""

import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import TokenError
from sidecar.identity.ends.status_list import (
    MAX_COMPRESSED,
    MAX_INFLATED,
    Reference,
    StatusList,
    inflated,
    is_within,
    origin_of,
    read,
    reference,
)
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import encoded
from sidecar.model.strict_json import Json
from tests.identity.crafting import EVIL, STS, Claims, T, drop, put, signed, trusted

ROOT = Path(__file__).parents[3]
URI = "https://sts.example/statuslists/1"
Change = Callable[[Claims], None]


def packed(values: list[int], bits: int) -> str:
    """Return statuses as a list's `lst`: the first in the lowest bits of the first octet."""
    octets = bytearray((len(values) * bits + 7) // 8)
    for index, value in enumerate(values):
        octets[index * bits // 8] |= value << (index * bits % 8)
    return encoded(zlib.compress(bytes(octets)))


def status_token(
    values: list[int],
    bits: int = 2,
    change: Change | None = None,
    key: SigningKey | None = None,
    typ: str = "statuslist+jwt",
    head: Claims | None = None,
) -> bytes:
    """Return a list of STS with `values`, with one change of its claims."""
    claims: Claims = {
        "sub": URI,
        "iat": T,
        "exp": T + 7200,
        "ttl": 600,
        "status_list": {"bits": bits, "lst": packed(values, bits)},
    }
    if change:
        change(claims)
    key = key or STS.key
    named: Claims = {"alg": "Ed25519", "typ": typ, "kid": key.public.thumbprint, **(head or {})}
    return signed(named, claims, key.private_key).encode()


def read_at(octets: bytes, at: float = T, not_before: int = 0) -> StatusList:
    return read(octets, URI, trusted(), at, not_before)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("index", [0, 1, 7, 8, 15])
def test_p19_a_valid_list_in_each_width_up_to_its_last_entry(bits: int, index: int) -> None:
    values = [1] * 16
    values[index] = 0

    found = read_at(status_token(values, bits))

    assert [i for i in range(16) if found.reason(i) == ""] == [index]
    assert found.reason(16 * bits // 8 * 8 // bits) == "status_invalid"


@pytest.mark.parametrize(
    ("value", "reason"), [(0, ""), (1, "token_revoked"), (2, "status_suspended"), (3, "status_invalid")]
)
def test_n189_what_each_status_means(value: int, reason: str) -> None:
    assert read_at(status_token([value, 0, 0, 0])).reason(0) == reason


@given(
    st.sampled_from([1, 2, 4, 8]).flatmap(
        lambda b: st.tuples(st.just(b), st.lists(st.integers(0, (1 << b) - 1), min_size=1))
    )
)
def test_every_entry_is_read_as_it_was_written(written: tuple[int, list[int]]) -> None:
    bits, values = written
    names = {0: "", 1: "token_revoked", 2: "status_suspended"}

    found = read_at(status_token(values, bits))

    assert [found.reason(i) for i in range(len(values))] == [names.get(value, "status_invalid") for value in values]


def listed(**members: Json) -> Change:
    return lambda claims: claims.update(status_list={"bits": 2, "lst": packed([0] * 8, 2), **members})


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (status_token([0], change=put(sub=URI + "/")), "N191 another list"),
        (status_token([0], change=drop("sub")), "no sub"),
        (status_token([0], typ="JWT"), "N191 another typ"),
        (status_token([0], typ="at+jwt"), "a token of access"),
        (status_token([0], change=put(exp=T)), "N191 expired"),
        (status_token([0], change=put(exp="never")), "no date"),
        (status_token([0], change=put(iat=T + 31)), "from the future"),
        (status_token([0], change=put(iat=True)), "iat is no number"),
        (status_token([0], change=drop("iat")), "no iat"),
        (status_token([0], change=put(ttl=0)), "a ttl of nothing"),
        (status_token([0], change=put(ttl="600")), "a ttl in words"),
        (status_token([0], key=EVIL.key), "signed by another"),
        (status_token([0], head={"jwk": STS.key.public_jwk()}), "with a key of its own"),
        (status_token([0], head={"jku": "https://sts.example/jwks"}), "with a key from elsewhere"),
        (status_token([0], head={"alg": "EdDSA"}), "with an algorithm that its issuer does not sign with"),
        (status_token([0], change=put(ttl=True)), "a ttl that is no number"),
        (status_token([0], change=put(iat=-1)), "from before the epoch"),
        (status_token([0], change=put(exp=253_402_300_800)), "beyond the last year"),
        (status_token([0], change=listed(bits="2")), "a width in words"),
        (status_token([0]) + b"A", "a signature that does not hold"),
        (status_token([0], change=listed(bits=3)), "a width that there is not"),
        (status_token([0], change=listed(bits=True)), "a width that is no number"),
        (status_token([0], change=listed(lst="!!")), "not base64url"),
        (status_token([0], change=listed(lst=encoded(b"x" * 20))), "not zlib"),
        (status_token([0], change=listed(lst=encoded(zlib.compress(b"x" * 20)[:-5]))), "cut short"),
        (status_token([0], change=listed(lst=encoded(zlib.compress(b"x" * 20) + b"!"))), "something behind it"),
        (status_token([0], change=listed(lst=encoded(b""))), "nothing"),
        (status_token([0], change=put(status_list=None)), "no list"),
        (b"", "no token"),
        ("é.é.é".encode(), "no ASCII"),
        (b"a" * (2 << 20) + b"!", "too long"),
    ],
)
def test_n191_what_is_odd_is_no_list(octets: bytes, what: str) -> None:
    with pytest.raises(TokenError) as refused:
        read_at(octets)

    assert refused.value.reason == "status_invalid", what


def test_n192_what_is_too_large_is_not_even_inflated() -> None:
    with pytest.raises(TokenError) as refused:
        inflated(bytes(MAX_COMPRESSED + 1))
    assert "larger than" in str(refused.value)


def test_n191_an_older_list_does_not_replace_a_newer_one() -> None:
    assert read_at(status_token([0]), not_before=T).issued_at == T
    with pytest.raises(TokenError) as refused:
        read_at(status_token([0]), not_before=T + 1)

    assert refused.value.reason == "status_invalid"


@pytest.mark.parametrize(
    ("ttl", "fresh"),
    [
        pytest.param({"ttl": 1}, 30, id="at least"),
        pytest.param({"ttl": 600}, 600, id="as told"),
        pytest.param({"ttl": 10**9}, 3600, id="at most"),
        pytest.param({"ttl": 600, "exp": T + 60}, 60, id="not beyond its end"),
    ],
)
def test_a_list_is_used_for_its_ttl_within_bounds(ttl: Claims, fresh: int) -> None:
    assert read_at(status_token([0], change=put(**ttl))).fresh_until == T + fresh


def test_a_list_that_tells_no_end_has_none() -> None:
    found = read_at(status_token([0], change=drop("exp", "ttl")))

    assert (found.fresh_until, found.usable_until) == (T + 300, float("inf"))


@pytest.mark.parametrize(
    ("status", "found"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"status": {"status_list": {"idx": 3, "uri": URI}}}, Reference(URI, 3), id="one"),
    ],
)
def test_where_a_tokens_status_stands(status: Claims, found: Reference | None) -> None:
    assert reference(status) == found


@pytest.mark.parametrize(
    "status",
    [
        True, "x", [], {}, {"status_list": None}, {"status_list": []}, {"status_list": {"idx": 1}},
        {"status_list": {"uri": URI}}, {"status_list": {"idx": True, "uri": URI}},
        {"status_list": {"idx": -1, "uri": URI}}, {"status_list": {"idx": 2**53, "uri": URI}},
        {"status_list": {"idx": 1.0, "uri": URI}}, {"status_list": {"idx": 1, "uri": ""}},
        {"status_list": {"idx": 1, "uri": "x" * 2049}}, {"other_mechanism": {}},
    ],
    ids=str,
)  # fmt: skip
def test_a_status_that_is_not_understood_may_be_a_refusal(status: Json) -> None:
    with pytest.raises(TokenError) as refused:
        reference({"status": status})

    assert refused.value.reason == "status_invalid"


@pytest.mark.parametrize(
    ("uri", "within"),
    [
        pytest.param(URI, True, id="the same origin"),
        pytest.param("https://sts.example:8443/x", False, id="another port"),
        pytest.param("http://sts.example/x", False, id="another scheme"),
        pytest.param("https://sts.example@evil.example/x", False, id="a user"),
        pytest.param("https://sts.example.evil.example/x", False, id="a longer host"),
        pytest.param("https://[/x", False, id="no URI"),
        pytest.param("sts.example", False, id="no scheme"),
    ],
)
def test_lists_are_fetched_from_where_the_settings_say(uri: str, *, within: bool) -> None:
    assert is_within(uri, frozenset({"https://sts.example"})) is within


def test_an_issuer_that_is_no_url_has_no_origin() -> None:
    assert (origin_of("https://sts.example/realms/x"), origin_of("spiffe://td"), origin_of("urn:x")) == (
        "https://sts.example", "", "",
    )  # fmt: skip


def bomb(size: int) -> bytes:
    deflate = zlib.compressobj(9)
    return b"".join(deflate.compress(bytes(1 << 20)) for _ in range(size >> 20)) + deflate.flush()


def test_the_largest_list_is_taken_and_one_octet_more_is_not() -> None:
    assert len(inflated(zlib.compress(bytes(MAX_INFLATED)))) == MAX_INFLATED
    with pytest.raises(TokenError):
        inflated(zlib.compress(bytes(MAX_INFLATED + 1)))
    with pytest.raises(TokenError):
        inflated(bytes((1 << 20) + 1))


MEASURE = """
import resource, sys
from pathlib import Path
from sidecar.errors import TokenError
from sidecar.identity.ends.status_list import inflated

packed = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    inflated(packed)
except TokenError as error:
    print(error.reason, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_n192_a_list_that_inflates_to_a_gigabyte_costs_one_buffer(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(bomb(1 << 30))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "bomb")]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout.split()

    assert told[0] == "status_invalid"
    assert int(told[1]) < 20 * 1024  # KiB
