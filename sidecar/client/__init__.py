"""Ask a sidecar before anything crosses a trust boundary of your agent.

    from sidecar.client import Denied, Sidecar

    with Sidecar("unix:/run/sidecar/guard.sock") as sidecar:
        with sidecar.session(tokens, task="answer a customer", tools=["search_orders"]) as session:
            text = session.user_input("Where is my order?")
            try:
                arguments = session.tool_call("search_orders", {"query": text})
            except Denied as refusal:
                print(refusal.reasons)

What a method returns is what may cross, and the agent goes on with that in place of what it sent. Everything
else is `Denied`: a refusal, and a sidecar that is out, late, overloaded or not understood. Needs grpcio and
protobuf only.
"""

from sidecar.client.aio import AsyncSession, AsyncSidecar
from sidecar.client.blocking import Session, Sidecar
from sidecar.client.denied import ApprovalRequired, Decision, Denied, Finding, NoVerdict, Severity, Verdict
from sidecar.client.streams import ArgumentPieces, CollectedCall
from sidecar.client.values import DelegatedToken, Direction, Json, Message, Opened, Outcome, Result, Summary, Usage

__all__ = [
    "ApprovalRequired",
    "ArgumentPieces",
    "AsyncSession",
    "AsyncSidecar",
    "CollectedCall",
    "Decision",
    "DelegatedToken",
    "Denied",
    "Direction",
    "Finding",
    "Json",
    "Message",
    "NoVerdict",
    "Opened",
    "Outcome",
    "Result",
    "Session",
    "Severity",
    "Sidecar",
    "Summary",
    "Usage",
    "Verdict",
]
