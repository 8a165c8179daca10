import pytest

from sidecar.client import ApprovalRequired, Denied, NoVerdict
from sidecar.v1 import sidecar_pb2 as pb
from tests.client.answering import Answering
from tests.client.test_blocking import in_session

Served = tuple[str, Answering]


def test_who_waits_for_a_person_asks_until_one_has_consented(served: Served) -> None:
    address, script = served
    told = [pb.Verdict(decision=pb.REQUIRE_APPROVAL), pb.Verdict(decision=pb.ALLOW)]
    script.behave["AwaitApproval"] = lambda _request, _context: told.pop(0).SerializeToString()

    in_session(address, lambda session: session.await_approval("a-1"))

    asked = pb.AwaitApprovalRequest.FromString(script.got["AwaitApproval"])
    assert (asked.session_id, asked.approval_id, told) == ("s-1", "a-1", [])


@pytest.mark.parametrize(
    ("decision", "raised"),
    [
        pytest.param(pb.REQUIRE_APPROVAL, ApprovalRequired, id="nobody has decided in time"),
        pytest.param(pb.DENY, Denied, id="somebody refused"),
        pytest.param(pb.DECISION_UNSPECIFIED, NoVerdict, id="not understood"),
    ],
)
def test_what_is_no_consent_is_raised_to_who_waits(
    served: Served, decision: pb.Decision.ValueType, raised: type[Denied]
) -> None:
    address, script = served
    script.says("AwaitApproval", pb.Verdict(decision=decision))

    with pytest.raises(Denied) as caught:
        in_session(address, lambda session: session.await_approval("a-1", timeout=0))

    assert type(caught.value) is raised


def test_a_wait_that_is_no_time_is_refused(served: Served) -> None:
    with pytest.raises(ValueError, match="number of seconds"):
        in_session(served[0], lambda session: session.await_approval("a-1", timeout=float("nan")))
