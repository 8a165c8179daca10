"""Arguments → protobuf, in one place for both clients.

What cannot be sent is refused here, as `NoVerdict` with reason `request_malformed`: a model writes arguments,
and what it writes may be no JSON at all. A wrong *type* is the programmer's and stays a `TypeError`.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration

from sidecar.client.denied import NoVerdict
from sidecar.client.values import Direction, Json, LlmCall, Message, Outcome, SessionOptions, Usage
from sidecar.v1 import sidecar_pb2 as pb

JSON_TYPE: Final = "application/json"
_DIRECTIONS: Final[Mapping[Direction, pb.A2aMessage.Direction.ValueType]] = {
    "inbound": pb.A2aMessage.INBOUND,
    "outbound": pb.A2aMessage.OUTBOUND,
}


@contextmanager
def sendable() -> Iterator[None]:
    """Turn what protobuf or JSON cannot carry into `NoVerdict`; the cause would quote the input."""
    try:
        yield
    except (ValueError, RecursionError):
        raise NoVerdict("request_malformed", "the payload cannot be written as UTF-8, JSON and protobuf") from None


def open_session(tokens: str | Sequence[str], options: SessionOptions) -> pb.OpenSessionRequest:
    """Return the request for a session.

    Raises `ValueError` for an empty list of tools, which the contract would read as all of them, and `TypeError` for
    an option that there is not.
    """
    _known(options, SessionOptions.__optional_keys__)
    tools = named_tools(options.get("tools"))
    with sendable():
        return pb.OpenSessionRequest(
            tokens=[tokens] if isinstance(tokens, str) else tokens,
            proof=options.get("proof", ""),
            task=options.get("task", ""),
            task_type=options.get("task_type", ""),
            tools=tools,
            residency=options.get("residency", ""),
            scope_json=_object(options.get("scope")),
            parent_session_id=options.get("parent", ""),
        )


def narrow(session_id: str, tools: Sequence[str] | None, scope: Mapping[str, Json] | None) -> pb.NarrowSessionRequest:
    """Return the request for less.

    Raises `ValueError` for an empty list of tools, which the contract would read as "as they are".
    """
    named = named_tools(tools)
    with sendable():
        return pb.NarrowSessionRequest(session_id=session_id, tools=named, scope_json=_object(scope))


def delegate(
    session_id: str,
    whom: tuple[str, str],
    scope: Mapping[str, Json] | str,
    confirmation_jwk: Mapping[str, Json] | str,
    lifetime: int,
) -> pb.DelegateRequest:
    """Return the request for one more link; `whom` is the sub-agent and the audience, `lifetime` in whole seconds."""
    with sendable():
        return pb.DelegateRequest(
            session_id=session_id,
            agent=whom[0],
            audience=whom[1],
            scope_json=_text(scope),
            confirmation_jwk=_text(confirmation_jwk),
            lifetime=Duration(seconds=lifetime),
        )


def named_tools(tools: Sequence[str] | None) -> Sequence[str]:
    """Return the tools, or nothing for None. Raises `ValueError` when none is named, `TypeError` for a string."""
    if isinstance(tools, str):
        raise TypeError("tools must be a list of names")
    if tools is not None and not tools:
        raise ValueError("name at least one tool, or leave tools out")
    return tools or ()


def _known(given: Iterable[str], names: Collection[str]) -> None:
    """Raise `TypeError` for what is none of `names`: who misspells `tools` would hold all that the chain grants."""
    for name in given:
        if name not in names:
            raise TypeError(f"`{name}` is no option here; there are: {', '.join(sorted(names))}")


def user_input(session_id: str, text: str) -> pb.UserInput:
    """Return the request for words of the user."""
    with sendable():
        return pb.UserInput(session_id=session_id, text=text)


def llm_request(session_id: str, messages: Sequence[Message], max_output_tokens: int, call: LlmCall) -> pb.LlmRequest:
    """Return the request for a prompt, oldest message first. Raises `TypeError` for an option that there is not."""
    _known(call, LlmCall.__optional_keys__)
    with sendable():
        return pb.LlmRequest(
            session_id=session_id,
            messages=[pb.Message(role=message["role"], content=message["content"]) for message in messages],
            max_output_tokens=max_output_tokens,
            provider=call.get("provider", ""),
            model=call.get("model", ""),
            call_id=call.get("call_id", ""),
        )


def llm_output(
    session_id: str, text: str, schema: str, usage: Usage | None, outcome: Outcome | None, call: LlmCall
) -> pb.LlmOutput:
    """Return the request for what a model answered; `schema` names one of the rule packs', or is empty.

    Raises `TypeError` for an option that there is not.
    """
    _known(call, LlmCall.__optional_keys__)
    with sendable():
        return pb.LlmOutput(
            session_id=session_id,
            text=text,
            schema=schema,
            usage=usage_message(usage),
            outcome=_outcome(outcome),
            provider=call.get("provider", ""),
            model=call.get("model", ""),
            call_id=call.get("call_id", ""),
        )


def tool_call(
    session_id: str, tool: str, arguments: Mapping[str, Json] | str, call_id: str, approval_id: str
) -> pb.ToolCall:
    """Return the request for a call; arguments as a string go as they are, for the sidecar to parse."""
    with sendable():
        return pb.ToolCall(
            session_id=session_id,
            tool=tool,
            arguments_json=_text(arguments),
            call_id=call_id,
            approval_id=approval_id,
        )


def await_approval(session_id: str, approval_id: str) -> pb.AwaitApprovalRequest:
    """Return the question whether a person has decided."""
    with sendable():
        return pb.AwaitApprovalRequest(session_id=session_id, approval_id=approval_id)


def tool_response(
    session_id: str, tool: str, content: Json, content_type: str, call_id: str, outcome: Outcome | None
) -> pb.ToolResponse:
    """Return the request for what a tool answered; see `media_type` for what no type was said of."""
    with sendable():
        return pb.ToolResponse(
            session_id=session_id,
            tool=tool,
            content=_text(content),
            content_type=media_type(content, content_type),
            call_id=call_id,
            outcome=_outcome(outcome),
        )


def a2a_message(  # noqa: PLR0913, PLR0917 - one parameter for each field
    session_id: str,
    message: Mapping[str, Json] | str,
    direction: Direction,
    peer: str,
    tokens: str | Sequence[str],
    card: Mapping[str, Json] | str,
    proof: str = "",
) -> pb.A2aMessage:
    """Return the request for a message to or from another agent, with its chain, its proof and its Agent Card."""
    with sendable():
        return pb.A2aMessage(
            session_id=session_id,
            direction=_DIRECTIONS[direction],
            peer=peer,
            message_json=_text(message),
            tokens=[tokens] if isinstance(tokens, str) else tokens,
            card_json=_text(card),
            proof=proof,
        )


def media_type(content: Json, content_type: str) -> str:
    """Return the type of a tool's answer: what is no string is JSON unless something else was said."""
    return content_type if isinstance(content, str) else content_type or JSON_TYPE


def is_json(content_type: str) -> bool:
    """Return whether a media type says JSON: application/json, or a +json suffix (RFC 6839, section 3.1)."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == JSON_TYPE or essence.endswith("+json")


def _object(value: Mapping[str, Json] | None) -> str:
    """Return a JSON object as text, or nothing where there is none."""
    return "" if value is None else _text(value)


def _text(value: Json) -> str:
    """Return a string as it is, and anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)


def usage_message(usage: Usage | None) -> pb.Usage | None:
    """Return the tokens that a model counted, None where nobody did."""
    if usage is None:
        return None
    return pb.Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_input_tokens=usage.cached_input_tokens,
    )


def _outcome(outcome: Outcome | None) -> pb.Outcome | None:
    if outcome is None:
        return None
    message = pb.Outcome(result=pb.Outcome.Result.ValueType(outcome.result), error=outcome.error)
    message.latency.FromTimedelta(timedelta(seconds=outcome.latency))
    return message
