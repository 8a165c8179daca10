import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Catalogue, PackTools, Tool, Trust, strictest
from sidecar.policy.schemas import MAX_PROBLEMS, compile_schema


def tools(*names: str) -> PackTools:
    return PackTools([Tool(name=name) for name in names])


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        pytest.param("read", "read", id="the name itself"),
        pytest.param("read_all", "read_*", id="a pattern"),
        pytest.param("read_file_now", "read_*_now", id="the pattern with more characters"),
        pytest.param("mcp:github/issues", "mcp:github/*", id="a prefix"),
        pytest.param("mcp:github/", "mcp:github/*", id="a star may be nothing"),
        pytest.param("x.delete", "*.delete", id="a suffix"),
        pytest.param("a1b2c", "a*b*c", id="several stars"),
        pytest.param("abc", "a*b*c", id="several stars for nothing"),
        pytest.param("acb", None, id="in another order"),
        pytest.param("ac", None, id="what stands between the stars must be there"),
        pytest.param("READ", None, id="case counts"),
        pytest.param("rea", None, id="less than a name"),
        pytest.param("mcp:github", None, id="less than a prefix"),
        pytest.param("", None, id="no name"),
        pytest.param("read_*", "read_*", id="a star in a name is no more than a character"),
    ],
)
def test_the_most_specific_entry_is_found(name: str, entry: str | None) -> None:
    catalogue = Catalogue([tools("*.delete", "read", "read_*", "read_*_now", "mcp:github/*", "a*b*c")])

    found = catalogue.find(name)

    assert (found.name if found else None) == entry


def test_a_prefix_and_a_suffix_do_not_share_characters() -> None:
    assert Catalogue([tools("ab*ba")]).find("aba") is None


def test_of_several_packs_the_strictest_wins() -> None:
    number = compile_schema({"type": "number"}, name="a/n")
    small = compile_schema({"maximum": 5}, name="b/n")
    mild = Tool(name="pay", description="a", effects=("read",), trust=Trust.TRUSTED, arguments=number, timeout=9.0)
    strict = Tool(
        name="p*", description="b", effects=("money",), reversible=False, reads=("pii",), arguments=small, timeout=3.0
    )

    merged = Catalogue([PackTools([mild]), tools("other"), PackTools([strict])]).find("pay")

    assert merged is not None
    assert (merged.name, merged.description, merged.effects, merged.reads) == ("pay", "a", ("money", "read"), ("pii",))
    assert (merged.reversible, merged.trust, merged.timeout) == (False, Trust.UNTRUSTED, 3.0)
    assert merged.arguments is not None
    assert [len(merged.arguments.problems(value)) for value in (3, 7, "x")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("trusts", "trust"),
    [
        pytest.param([Trust.TRUSTED, Trust.TRUSTED], Trust.TRUSTED, id="all trust it"),
        pytest.param([Trust.TRUSTED, Trust.UNTRUSTED], Trust.UNTRUSTED, id="one does not"),
    ],
)
def test_trust_needs_everybody(trusts: list[Trust], trust: Trust) -> None:
    assert strictest([Tool(name="t", trust=each) for each in trusts]).trust is trust


def test_schemas_of_merged_entries_stay_flat_and_their_problems_few() -> None:
    schema = compile_schema({"required": [f"p{i}" for i in range(4)]}, name="s")
    entry = Tool(name="t", result=schema)

    merged = strictest([strictest([entry, entry]), Tool(name="t"), entry])

    assert merged.result is not None
    assert not merged.result.problems({f"p{i}": 1 for i in range(4)})
    assert 1 <= len(merged.result.problems({})) <= MAX_PROBLEMS
    assert merged.arguments is None


@pytest.mark.parametrize(
    ("packs", "unknown"),
    [
        pytest.param([], Decision.DENY, id="nobody speaks"),
        pytest.param([Decision.REQUIRE_APPROVAL], Decision.REQUIRE_APPROVAL, id="one asks a person"),
        pytest.param([Decision.REQUIRE_APPROVAL, Decision.DENY], Decision.DENY, id="one denies"),
    ],
)
def test_an_unknown_tool_is_treated_as_the_strictest_pack_says(packs: list[Decision], unknown: Decision) -> None:
    assert Catalogue([PackTools([], each) for each in packs]).unknown is unknown


@given(st.lists(st.text("ab*", max_size=6), max_size=6, unique=True), st.text("ab", max_size=8))
def test_one_more_pack_never_takes_an_effect_away(names: list[str], name: str) -> None:
    first = PackTools([Tool(name=each, effects=("read",)) for each in names])
    second = PackTools([Tool(name="*", effects=("write",), reversible=False)])
    alone, together = Catalogue([first]).find(name), Catalogue([first, second]).find(name)

    assert together is not None
    assert set(alone.effects if alone else ()) < set(together.effects)
    assert not together.reversible
