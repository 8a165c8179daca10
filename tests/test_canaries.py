"""Nothing that an agent, a tool or another agent sends is found where it is not meant to be.

Every string of every request is a canary once, alone and in shapes that checks refuse, rewrite and let pass. The
fields are taken from the contract itself, so that one that is added later is covered by itself. Afterwards no canary
stands in the log, on the error stream, in a status, in what a finding says, or in anything that operators read.
"""

import base64
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.identity.trial import Order, TrialIssuer
from sidecar.model.scope import SESSION_TYPE
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import AUDIENCE, Served, written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PACKS = ("baseline", "demo", str(Path(__file__).parent / "packs" / "canary"))
TOOLS = ("notes", "forms", "search_orders", "get_customer", "read_inbox", "refund", "send_email")
ISSUER = TrialIssuer.generate(issuer="https://trial.sidecar.local")
SECONDS = 30.0
MIN_SECRET = 16  # shorter parts of forged tokens are nothing that could be told from chance
STEM = "zqxjvkanarie"
NUMBER = count(1)
# Personal data has a form of its own and cannot hold the stem.
SSN, CARD = "536-90-4399", "4111 1111 1111 1111"
SERVICES = {"Guard": pb_grpc.GuardStub, "Control": pb_grpc.ControlStub}

Path_ = tuple[str, ...]


def canary() -> str:
    return f"{STEM}{next(NUMBER):05d}"


# ---- what is sent ------------------------------------------------------------------------------------------


def leaves(kind: Descriptor, above: Path_ = ()) -> Iterator[Path_]:
    """Yield the place of every string that a message of `kind` can hold."""
    for field in kind.fields:
        place = (*above, field.name)
        if field.message_type is not None:
            yield from leaves(field.message_type, place)
        elif field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
            yield place


def put(message: Any, place: Path_, text: str) -> None:
    """Set the string at `place`, in a new element where there are several."""
    name, *rest = place
    field = message.DESCRIPTOR.fields_by_name[name]
    value = getattr(message, name)
    several = field.is_repeated
    if rest:
        put(value.add() if several else value, tuple(rest), text)
    elif several:
        value.append(text)
    else:
        setattr(message, name, text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text)


def shapes() -> Iterator[str]:
    """Yield texts that checks meet in different ways, each with canaries."""
    yield canary()
    yield json.dumps({canary(): {canary(): [canary(), SSN, CARD]}, canary(): canary()})
    yield json.dumps({"kind": canary(), "code": canary(), "items": [canary(), 99], "inner": {canary(): 1}})
    yield json.dumps({"missing": {canary(): canary()}, "amount": canary()})
    yield json.dumps({"tools": {canary(): {"args": {canary(): {"constraint_type": canary()}}}}, canary(): 1})
    yield json.dumps({"tools": {"notes": {"args": {canary(): {"constraint_type": "exact", canary(): canary()}}}}})
    yield json.dumps({"role": "ROLE_USER", "messageId": canary(), canary(): 1, "parts": [{canary(): canary()}]})
    yield message_of_an_agent(canary(), f"mail {canary()}@mail.example about {SSN}", {canary(): {canary(): CARD}})
    yield message_of_an_agent(SSN, f"VLT-{canary()}", {canary(): [f"VLT-{canary()}"]})
    yield json.dumps({"jsonrpc": "2.0", "id": canary(), "method": canary(), "params": {canary(): canary()}})
    yield f'{{"{canary()}": "{canary()}", "{canary()}": {canary()}'
    yield f'{{"a{canary()}": 1, "a": "{canary()}", "a": 2}}'
    yield f'["{canary()}", 1e999, NaN, "\\ud800{canary()}"]'
    yield json.dumps({f"VLT-{canary()}": f"VLT-{canary()}", canary(): {f"BDG-{canary()}": f"SEAT-{canary()}"}})
    yield f"VLT-{canary()} BDG-{canary()} SEAT-{canary()} {canary()}@mail.example {SSN} {CARD}"
    yield f"BDG-{canary()} SEAT-{canary()} {canary()}@mail.example {SSN} {CARD}\x00\r\n\u202e{canary()}"
    yield canary() + "." + canary() + "." + canary()
    yield f"https://{canary()}.example:{canary()}/{canary()}?{canary()}#@{canary()}"
    yield "[" * 300 + canary()
    yield (canary() + " ") * 110_000


def message_of_an_agent(identifier: str, text: str, metadata: Mapping[str, object]) -> str:
    parts = [{"text": text}, {"data": metadata}]
    return json.dumps({"messageId": identifier, "role": "ROLE_USER", "parts": parts, "metadata": metadata})


def tokens(**claims: object) -> list[str]:
    """Return a token whose subject, id and constraints are canaries."""
    arguments = {
        "amount": {"constraint_type": "exact", "value": canary()},
        "*": {"constraint_type": "wildcard"},
    }
    scope: dict[str, Any] = {"tools": {tool: {} for tool in TOOLS} | {"refund": {"args": arguments}}}
    order = Order(user=canary(), agents=["agent"], scope=scope, audience=AUDIENCE, at=time.time())
    body = {**ISSUER.claims(order), "jti": canary(), **claims}
    return [ISSUER.key.sign(body, "at+jwt", header={"kid": ISSUER.key.public.thumbprint})]  # type: ignore[arg-type]  # a table of claims


def refused_tokens() -> Iterator[list[str]]:
    """Yield chains that do not verify, each at another step."""
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": canary()}
    body = {"iss": ISSUER.url, "sub": canary(), "jti": canary()}
    unsigned = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, body)]
    yield [".".join((*unsigned, base64.urlsafe_b64encode(canary().encode()).decode().rstrip("=")))]
    yield tokens(aud=canary())
    yield tokens(iss=canary())
    yield tokens(exp=canary())
    yield tokens(act={"sub": canary(), canary(): canary()})
    yield tokens(act={"sub": canary(), "iss": canary()})
    yield tokens(authorization_details=[{"type": SESSION_TYPE, "tools": {canary(): {canary(): canary()}}}])
    yield tokens(authorization_details=[{"type": SESSION_TYPE, canary(): canary()}])
    yield tokens(cnf={canary(): canary()})
    yield [*tokens(), *tokens()]


class Loud(Served):
    """A sidecar all of whose words are kept, those on its output stream, too."""

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sidecar", "serve", "--config", str(self.config)]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)


class Told:
    """Sends requests and keeps all that is told of them outside of payloads."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.sent: set[tuple[str, Path_]] = set()
        self.words: list[tuple[str, str]] = []  # where, and what was said there
        self.secrets: list[str] = []
        self.findings = 0
        self.files: dict[str, bytes] = {}
        server = served.settings.server
        self.channels = {
            "Guard": grpc.insecure_channel(f"unix:{server.socket}", options=[("grpc.max_metadata_size", 1 << 20)]),
            "Control": grpc.insecure_channel(f"unix:{server.control_socket}"),
        }
        self.stubs: dict[str, Any] = {name: stub(self.channels[name]) for name, stub in SERVICES.items()}

    def ask(self, service: str, method: str, request: Any, **options: Any) -> Any:
        """Return the answer, or None where there was none."""
        descriptor = pb.DESCRIPTOR.services_by_name[service].methods_by_name[method]
        try:
            answer = getattr(self.stubs[service], method)(
                iter([request]) if descriptor.client_streaming else request, timeout=SECONDS, **options
            )
            answers = list(answer) if descriptor.server_streaming else [answer]
        except grpc.RpcError as error:
            self.words.append((f"{method} status", f"{error.details()} {error.trailing_metadata()}"))
            return None
        for one in answers:
            self.hear(method, one)
        return answers[-1] if answers else None

    def hear(self, where: str, message: Message) -> None:
        """Keep every string of an answer but those that hand back what was sent or who was proven."""
        for field, value in message.ListFields():
            if field.full_name in HANDED_BACK:
                continue
            for each in value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]:
                if isinstance(each, Message):
                    self.findings += isinstance(each, pb.Finding)
                    self.hear(f"{where} {field.full_name}", each)
                elif isinstance(each, str | bytes):
                    self.words.append((f"{where} {field.full_name}", str(each)))

    def session(self, chain: list[str]) -> str:
        request = pb.OpenSessionRequest(tokens=chain, task=canary(), task_type=canary(), residency=canary())
        handle = str(self.ask("Guard", "OpenSession", request).session_id)
        assert handle
        self.secrets += [handle.partition(".")[2], *(part for token in chain for part in token.split("."))]
        return handle


# What the contract hands back: what may cross, the handle, to whom it belongs, and what a person is asked to agree to.
HANDED_BACK = {
    "sidecar.v1.Verdict.payload",
    "sidecar.v1.Session.session_id",
    *("sidecar.v1.Session.principal", "sidecar.v1.SessionState.principal", "sidecar.v1.SessionState.task"),
    *("sidecar.v1.Approval.principal", "sidecar.v1.Approval.arguments_json"),
}


def honest(handle: str) -> Mapping[str, list[Any]]:
    """Return requests of each method that is served, near enough to pass that each string can be told apart."""
    said = pb.Message(role="user", content="hello")
    agent = message_of_an_agent("m", "hello", {})
    called = [pb.ToolCall(session_id=handle, tool=tool, arguments_json="{}") for tool in TOOLS]
    json_type = "application/json"
    return {
        "OpenSession": [pb.OpenSessionRequest(tokens=tokens()), pb.OpenSessionRequest()],
        "NarrowSession": [pb.NarrowSessionRequest(session_id=handle)],
        "CloseSession": [pb.CloseSessionRequest()],
        "CheckUserInput": [pb.UserInput(session_id=handle, text="hello")],
        "CheckLlmRequest": [pb.LlmRequest(session_id=handle, messages=[said])],
        "CheckLlmOutput": [
            pb.LlmOutput(session_id=handle, text="hello"),
            pb.LlmOutput(session_id=handle, text="{}", schema="canary/form"),
        ],
        "CheckToolCall": called,
        "CheckToolResponse": [
            pb.ToolResponse(session_id=handle, tool=tool, content="{}", content_type=kind)
            for tool in ("notes", "forms", "get_customer")
            for kind in ("", json_type)
        ],
        "CheckA2aMessage": [
            pb.A2aMessage(session_id=handle, peer="other", message_json=agent, direction=pb.A2aMessage.OUTBOUND),
            pb.A2aMessage(
                session_id=handle, peer="agent", message_json=agent, direction=pb.A2aMessage.INBOUND, tokens=tokens()
            ),
        ],
    }


def replaced(request: Any, place: Path_, text: str) -> Any:
    """Return `request` with the string at `place` changed; of a list, the first element goes."""
    changed = type(request)()
    changed.CopyFrom(request)
    if len(place) == 1 and isinstance(getattr(changed, place[0]), Sequence) and place[0] == "tokens":
        changed.ClearField("tokens")
    put(changed, place, text)
    return changed


def send_everything(told: Told) -> None:
    handle = told.session(tokens())
    base = honest(handle)
    for service, descriptor in pb.DESCRIPTOR.services_by_name.items():
        for method in descriptor.methods:
            empty = GetMessageClass(method.input_type)()
            for place in leaves(method.input_type):
                for text in shapes():
                    for request in base.get(method.name, [empty]):
                        told.ask(service, method.name, replaced(request, place, text))
                told.sent.add((method.input_type.full_name, place))
            for request in base.get(method.name, [empty]):
                told.ask(service, method.name, request, metadata=metadata())
    for chain in refused_tokens():
        told.secrets += [token.rpartition(".")[2] for token in chain]
        told.ask("Guard", "OpenSession", pb.OpenSessionRequest(tokens=chain))
        told.ask(
            "Guard",
            "CheckA2aMessage",
            pb.A2aMessage(session_id=handle, tokens=chain, direction=pb.A2aMessage.INBOUND, peer=canary()),
        )
    told.ask("Guard", "CheckUserInput", pb.UserInput(session_id=handle.partition(".")[0] + "." + canary()))
    told.ask("Guard", "CloseSession", pb.CloseSessionRequest(session_id=told.session(tokens())))
    send_bytes(told)


def metadata() -> tuple[tuple[str, str | bytes], ...]:
    traces = f"00-{canary()}-0123456789abcdef-01", f"00-{'0' * 32}-0123456789abcdef-{canary()}"
    words = [("traceparent", trace) for trace in traces]
    return (*words, ("tracestate", canary()), ("authorization", canary()), (f"x-{canary()}", canary()),
            (f"x-{canary()}-bin", canary().encode()))  # fmt: skip


def send_bytes(told: Told) -> None:
    """Send what is no message, no method, and no HTTP/2, and hang up in the middle."""
    channel = told.channels["Guard"]
    for path, data in (
        ("/sidecar.v1.Guard/CheckUserInput", b"\xff" + canary().encode()),
        ("/sidecar.v1.Guard/CheckUserInput", b"\x12\x0c\xff" + canary().encode()),
        ("/sidecar.v1.Guard/OpenSession", b"\xfa\x3f\x0a" + canary().encode()),
        (f"/sidecar.v1.Guard/{canary()}", canary().encode()),
        (f"/{canary()}/x", canary().encode()),
    ):
        call = channel.unary_unary(path, request_serializer=lambda b: b, response_deserializer=lambda b: b)
        with pytest.raises(grpc.RpcError) if path != "/sidecar.v1.Guard/OpenSession" else suppress(grpc.RpcError) as it:
            call(data, timeout=SECONDS)
        told.words.append((path, str(it.value.details()) if it else ""))
    try:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=canary()), timeout=SECONDS)
    except grpc.RpcError as error:
        told.words.append(("health", str(error.details())))
    going = told.stubs["Guard"].CheckUserInput.future(pb.UserInput(text=f"{canary()} BDG-{canary()} " * 10_000))
    going.cancel()
    for preface in (b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(told.served.settings.server.socket))
            wire.sendall(preface + canary().encode() * 100)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("canaries")
    it = Told(Loud(written(folder, ISSUER, PACKS, log='level = "debug"\nformat = "json"')))
    it.served.ready()
    send_everything(it)
    for method in ("GetStatus", "ListSessions", "QueryAudit"):
        kind = pb.DESCRIPTOR.services_by_name["Control"].methods_by_name[method].input_type
        it.ask("Control", method, GetMessageClass(kind)())
    it.files = files(folder)
    assert it.served.process.poll() is None
    for channel in it.channels.values():
        channel.close()
    assert it.served.stop() == 0
    it.files |= {f"{name} at the end": data for name, data in files(folder).items()}
    return it


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# ---- where it is looked for --------------------------------------------------------------------------------


def disguises(secret: str) -> Iterator[bytes]:
    """Yield how `secret` may be written: as it is, as UTF-16, in hexadecimal, in Base64 wherever it begins there."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield raw.hex().encode()
    for lead in range(3):
        yield base64.urlsafe_b64encode(b"\0" * lead + raw)[4 * (lead > 0) : -4]


def found(data: bytes, secrets: Sequence[str] = ()) -> set[bytes]:
    """Return what of canaries, personal data and secrets stands in `data`."""
    lower = data.lower()
    hits = {hit for hit in disguises(STEM) if hit.lower() in lower}
    hits |= {number.encode() for number in (SSN, CARD, CARD.replace(" ", "")) if number.encode() in data}
    return hits | {secret.encode() for secret in secrets if len(secret) >= MIN_SECRET and secret.encode() in data}


def test_every_string_of_the_contract_was_a_canary(told: Told) -> None:
    methods = [m for service in pb.DESCRIPTOR.services_by_name.values() for m in service.methods]
    strings = {
        (name, place)
        for name, kind in pb.DESCRIPTOR.message_types_by_name.items()
        for place in leaves(kind)
        if any(method.input_type is kind for method in methods)
        for name in (kind.full_name,)
    }

    assert told.sent == strings
    assert len(strings) > 40


def test_t10_no_finding_no_status_and_no_operator_is_told_a_canary(told: Told) -> None:
    leaks = {where: text[:200] for where, text in told.words if found(text.encode(), told.secrets)}

    assert leaks == {}
    assert told.findings > 1000  # and there was much to tell


@pytest.mark.parametrize("name", ["audit.db", "audit.db-wal", "audit.db.head", "stderr.log"])
def test_t10_no_file_holds_a_canary(told: Told, name: str) -> None:
    kept = {file: data for file, data in told.files.items() if file.startswith(name)}

    assert kept
    assert {file: found(data, told.secrets) for file, data in kept.items()} == {file: set() for file in kept}


@pytest.mark.parametrize(
    "command",
    [
        ["export", "--format", "jsonl"],
        ["export", "--format", "csv"],
        ["query", "--json"],
        ["query"],
        ["tail"],
        ["tail", "--json"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_t10_no_command_shows_a_canary(told: Told, command: list[str]) -> None:
    result = CliRunner().invoke(app, ["audit", *command, "--db", str(told.served.settings.audit.path)])

    assert (result.exit_code, found(result.output.encode(), told.secrets)) == (0, set())
    assert result.output
