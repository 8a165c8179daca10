import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import EvidenceError
from sidecar.model.strict_json import Json
from sidecar.policy.schemas import compile_schema
from sidecar.protocols.a2a.reading import SCHEMAS, Content, content, schema_of

OLD: dict[str, Json] = {"kind": "message", "messageId": "m", "role": "user", "parts": [{"kind": "text", "text": "old"}]}
NEW: dict[str, Json] = {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": "new"}, {"url": "u"}]}
ERROR: Json = {"code": -32603, "message": "m"}
NAMES = ["kind", "role", "method", "result", "error", "message", "task", "statusUpdate", "status_update", "parts"]
SHAPES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["user", "ROLE_USER", "message", "SendMessage", "message/send"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(OLD, "0.3/message", id="an older role"),
        pytest.param(NEW, "1.0/message", id="a newer role"),
        pytest.param(NEW | {"kind": "message"}, "1.0/message", id="a newer role with a stray kind"),
        pytest.param({"kind": "message"}, "0.3/message", id="a kind and no role"),
        pytest.param({"kind": "message", "role": ["user"]}, "0.3/message", id="a role that is no text"),
        pytest.param({}, "1.0/message", id="nothing at all"),
        pytest.param({"method": "message/send"}, "0.3/request", id="an older method"),
        pytest.param({"method": "message/stream"}, "0.3/request", id="an older streaming method"),
        pytest.param({"method": "SendMessage"}, "1.0/request", id="a newer method"),
        pytest.param({"method": "SendStreamingMessage"}, "1.0/request", id="a newer streaming method"),
        pytest.param({"result": OLD}, "0.3/response", id="an older result"),
        pytest.param({"result": {"message": NEW}}, "1.0/response", id="a newer result"),
        pytest.param({"result": {"status_update": {}}}, "1.0/response", id="a newer result by its other name"),
        pytest.param({"error": ERROR}, "1.0/response", id="an error"),
        pytest.param({"result": None}, "1.0/response", id="a result that is none"),
    ],
)
def test_a_shape_names_its_version_and_schema(body: Json, name: str) -> None:
    assert schema_of(body) == name


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param([OLD], "", id="a batch"),
        pytest.param("hello", "", id="a text"),
        pytest.param({"method": "tasks/get"}, "/method", id="a method that sends no message"),
        pytest.param({"method": "GetTask"}, "/method", id="a newer method that sends no message"),
        pytest.param({"method": "sendmessage"}, "/method", id="a method in another case"),
        pytest.param({"method": ["SendMessage"]}, "/method", id="a method that is no text"),
        pytest.param({"method": None, "result": {}}, "/method", id="no method, but a member for one"),
        pytest.param({"result": OLD | {"message": NEW}}, "/result", id="a result of two versions"),
    ],
)
def test_what_no_version_knows_or_two_do_is_refused(body: Json, path: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        schema_of(body)

    assert refused.value.reason == "message_invalid"
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(OLD | {"taskId": "t", "contextId": "c"}, Content(("old",), ("t",), ("c",)), id="an older message"),
        pytest.param(NEW | {"task_id": "t"}, Content(("new",), ("t",), ()), id="an id by its other name"),
        pytest.param({"method": "SendMessage", "params": {"message": NEW}}, Content(("new",), (), ()), id="a call"),
        pytest.param(
            {
                "result": {
                    "task": {
                        "id": "t",
                        "contextId": "c",
                        "status": {"message": NEW},
                        "artifacts": [{"parts": [{"text": "made"}]}],
                        "history": [NEW | {"contextId": "c"}],
                    }
                }
            },
            Content(("new", "made", "new"), ("t",), ("c",)),
            id="a task with all its messages",
        ),
        pytest.param(
            NEW | {"metadata": {"parts": [{"text": "no"}]}, "parts": [{"data": {"parts": [{"text": "no"}]}}]},
            Content((), (), ()),
            id="what only looks like a message is none",
        ),
    ],
)
def test_a_message_says_its_texts_and_what_it_belongs_to(body: Json, found: Content) -> None:
    assert content(body) == found


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in SCHEMAS])
def test_every_schema_compiles(name: str) -> None:
    assert compile_schema(SCHEMAS[name], name=name).problems(7)


@given(SHAPES)
def test_any_value_has_a_schema_or_is_refused(body: Json) -> None:
    try:
        assert schema_of(body) in SCHEMAS
    except EvidenceError as refused:
        assert refused.reason == "message_invalid"  # noqa: PT017 - either outcome is right, and both are held
    content(body)
