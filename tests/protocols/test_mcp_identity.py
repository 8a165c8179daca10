"""N226, N002, N228 and P15 of identity-spec 3 for MCP: names, headers, chains in `_meta`, what clients are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import EvidenceError
from sidecar.model.strict_json import Json
from sidecar.protocols import mcp_identity as mcp
from sidecar.protocols.carried import Carried
from tests.identity.crafting import values

SERVER = "https://mcp.pay.example/mcp"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        pytest.param(SERVER, SERVER, id="as it is"),
        pytest.param("HTTPS://MCP.Pay.Example/mcp", SERVER, id="in lower case"),
        pytest.param("https://mcp.pay.example:443/mcp/", SERVER, id="without port and slash"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080", id="a port that says something"),
        pytest.param("https://x.example/A?b=C", "https://x.example/A?b=C", id="paths and queries keep their case"),
    ],
)
def test_a_server_has_one_name(url: str, canonical: str) -> None:
    assert mcp.server_uri(url) == canonical
    assert mcp.server_uri(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mcp.pay.example",
        "ftp://x.example",
        "https://",
        "https://u@x.example",
        "https://x.example#tools",
        "https://x.example/#",
        "https://x.example/../a",
        "https://x.example/./a",
        "https://x.example/%2e",
        "https://x.example:port",
        "https://x.example\\a",
        "https://x.example /a",
        "https://é.example",
        'https://x.example/"',
        "https://x.example/" + "a" * mcp.MAX_URI,
    ],
)
def test_what_could_be_two_servers_is_none(url: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        mcp.server_uri(url)

    assert refused.value.reason == "server_uri_invalid"


def test_tools_resources_and_prompts_are_named_by_server_and_name() -> None:
    assert mcp.tool_id(SERVER, "transfer") == f"{SERVER}#tools/transfer"
    assert mcp.tool_id(SERVER, "a/b #é") == f"{SERVER}#tools/a%2Fb%20%23%C3%A9"
    assert mcp.resource_id(SERVER, "file:///x") == f"{SERVER}#resources/file%3A%2F%2F%2Fx"
    assert mcp.prompt_id(SERVER, "p") == f"{SERVER}#prompts/p"
    assert mcp.stdio_tool_id("git", "log") == "mcp+stdio://git#tools/log"


@given(st.text(), st.text())
def test_two_names_are_never_one_tool(a: str, b: str) -> None:
    assert (mcp.tool_id(SERVER, a) == mcp.tool_id(SERVER, b)) == (a == b)


CALL: dict[str, Json] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "transfer"}}
READ: dict[str, Json] = {"method": "resources/read", "params": {"uri": "file:///x"}}
LIST: dict[str, Json] = {"method": "tools/list", "params": {}}


@pytest.mark.parametrize(
    ("headers", "body", "path"),
    [
        pytest.param({"mcp-method": "tools/call", "mcp-name": "transfer"}, CALL, None, id="a call"),
        pytest.param({"mcp-method": "resources/read", "mcp-name": "file:///x"}, READ, None, id="a resource"),
        pytest.param({"mcp-method": "tools/list"}, LIST, None, id="a list"),
        pytest.param({"mcp-method": "tools/call", "mcp-name": "read"}, CALL, "/params/name", id="N226 another name"),
        pytest.param({"mcp-method": "tools/call", "mcp-name": "Transfer"}, CALL, "/params/name", id="N226 its case"),
        pytest.param({"mcp-method": "tools/call"}, CALL, "/params/name", id="N226 no name"),
        pytest.param({"mcp-method": "tools/list", "mcp-name": "transfer"}, CALL, "/method", id="N226 another method"),
        pytest.param({"mcp-name": "transfer"}, CALL, "/method", id="N226 no method"),
        pytest.param({}, {}, "/method", id="neither has one"),
        pytest.param({"mcp-method": "x"}, [], "/method", id="a batch"),
        pytest.param({"mcp-method": "tools/list", "mcp-name": "x"}, LIST, "/params", id="a name of nothing"),
        pytest.param(
            {"mcp-method": "tools/call", "mcp-name": "7"},
            {"method": "tools/call", "params": {"name": 7}},
            "/params/name",
            id="a number",
        ),
        pytest.param(
            {"mcp-method": "tools/call", "mcp-name": "x"}, {"method": "tools/call"}, "/params/name", id="no params"
        ),
    ],
)
def test_n226_headers_say_what_the_body_says(headers: dict[str, str], body: Json, path: str | None) -> None:
    try:
        mcp.check_headers(headers, body)
        found, reason = None, ""
    except EvidenceError as error:
        found, reason = error.path, error.reason

    assert (found, reason) == (path, "call_header_body_mismatch" if path else "")


def test_p15_no_arguments_are_an_empty_object() -> None:
    assert mcp.arguments({"name": "x"}) == mcp.arguments({"name": "x", "arguments": {}}) == mcp.arguments(None) == {}
    assert mcp.arguments({"arguments": {"a": 1}}) == {"a": 1}
    with pytest.raises(EvidenceError):
        mcp.arguments({"arguments": [1]})


def test_a_chain_in_meta_is_taken_out_before_the_tool_sees_it() -> None:
    params: Json = {"name": "x", "_meta": {mcp.META: {"aat_chain": ["a.b.c"], "aat_pop": "p"}, "progressToken": 1}}

    opened = mcp.taken_out(params)

    assert opened.carried == Carried(tokens=("a.b.c",), proof="p")
    assert opened.body == {"name": "x", "_meta": {"progressToken": 1}}
    assert mcp.taken_out({"_meta": {mcp.META: {"aat_chain": ["a.b.c"]}}}).body == {}


@pytest.mark.parametrize("params", values(None, [], {}, {"_meta": {}}, {"_meta": 7}))
def test_what_carries_nothing_is_left_as_it_is(params: Json) -> None:
    opened = mcp.taken_out(params)

    assert opened.body is params
    assert opened.carried is None


@pytest.mark.parametrize(
    "value",
    values(None, {}, {"aat_chain": ["a"] * 9}, {"aat_chain": [1]}, {"aat_chain": ["a"], "x": 1}),
)
def test_what_is_no_chain_in_meta_is_refused(value: Json) -> None:
    with pytest.raises(EvidenceError) as refused:
        mcp.taken_out({"_meta": {mcp.META: value}})

    assert refused.value.reason == "token_malformed"


def test_n001_a_chain_in_meta_without_a_token_is_empty() -> None:
    with pytest.raises(EvidenceError) as refused:
        mcp.taken_out({"_meta": {mcp.META: {"aat_chain": []}}})

    assert refused.value.reason == "chain_empty"


@pytest.mark.parametrize(
    ("header", "tokens", "outcome"),
    [
        pytest.param("a.b.c", (), ("a.b.c",), id="the header's"),
        pytest.param("", ("a.b.c", "d"), ("a.b.c", "d"), id="the chain"),
        pytest.param("a.b.c", ("a.b.c",), ("a.b.c",), id="one token twice"),
        pytest.param("a.b.c", ("d.e.f",), "token_ambiguous", id="N002 two tokens"),
        pytest.param("a.b.c", ("a.b.c", "d"), "token_ambiguous", id="N228 two chains"),
        pytest.param("", (), "token_missing", id="none"),
    ],
)
def test_n002_a_request_brings_one_credential(header: str, tokens: tuple[str, ...], outcome: object) -> None:
    carried = Carried(tokens=tokens) if tokens else None

    try:
        found: object = mcp.one_credential(header, carried)
    except EvidenceError as error:
        found = error.reason

    assert found == outcome


def test_clients_are_told_whose_tokens_are_taken_and_where_that_stands() -> None:
    document = mcp.metadata(SERVER + "/", ["https://sts.example"], ["pay"])

    assert document["resource"] == SERVER
    assert document["authorization_servers"] == ["https://sts.example"]
    assert document["scopes_supported"] == ["pay"]
    assert "scopes_supported" not in mcp.metadata(SERVER, [])
    assert mcp.metadata_url(SERVER) == "https://mcp.pay.example/.well-known/oauth-protected-resource/mcp"
    assert mcp.metadata_url("https://x.example") == "https://x.example/.well-known/oauth-protected-resource"


def test_a_refusal_tells_its_class_and_never_its_reason() -> None:
    place = 'resource_metadata="https://mcp.pay.example/.well-known/oauth-protected-resource/mcp"'

    assert mcp.challenge(SERVER) == f"Bearer {place}"
    assert mcp.challenge(SERVER, error="invalid_token", scheme="DPoP") == f'DPoP {place}, error="invalid_token"'
    more = mcp.challenge(SERVER, error="insufficient_scope", scopes=["a", "b"])
    assert more == f'Bearer {place}, error="insufficient_scope", scope="a b"'


@pytest.mark.parametrize("scope", ['a"b', "a b", "a\r\nb", "", "é", "a\\b"])
def test_nothing_breaks_out_of_the_header(scope: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        mcp.challenge(SERVER, scopes=[scope])
