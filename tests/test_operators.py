"""Who an operator is, and which names are one person's."""

from dataclasses import replace

import pytest

from sidecar.config.settings import ApprovalSettings
from sidecar.identity.trial import Order
from sidecar.model.chain import Principal
from sidecar.model.session import Peer
from sidecar.model.ticket import ApprovalError, State, Ticket
from sidecar.operators import Answerer, OperatorName, Operators
from tests.housing import AT, HERE, ISSUER, VERIFIER

ELSE = "https://else.example"
BOUND = (  # eve is user 7 as well; ann has a second name, which is user 0; lee's user opened the session
    OperatorName(issuer=ISSUER.url, subject="eve", uid=7),
    OperatorName(issuer=ISSUER.url, subject="kim"),
    OperatorName(issuer=ELSE, subject="ann", person="ann"),
    OperatorName(issuer=ISSUER.url, subject="root", uid=0, person="ann"),
    OperatorName(issuer=ISSUER.url, subject="lee", uid=1000),
)
ASKED = Ticket(
    id="apr_1",
    bound="b",
    digest="sha256:d",
    session_id="ses_1",
    principal=Principal(issuer=ISSUER.url, subject="ann", actors=("planner",)),
    tool="pay",
    requested_at=AT,
    expires_at=AT + 300,
    needed=2,
    opener=1000,
)


def user(uid: int) -> Answerer:
    return Answerer(peer=Peer(pid=1, uid=uid, gid=7))


def holder(name: str) -> Answerer:
    return Answerer(
        token=ISSUER.minted(Order(user=name, agents=[], scope={"tools": {"x": {}}}, at=AT, audience=HERE))[0]
    )


def after(*who: Answerer, known: tuple[OperatorName, ...] = BOUND) -> Ticket:
    """Return the request once each of `who` has approved."""
    operators, ticket = Operators(lambda: VERIFIER, known), ASKED
    for one in who:
        ticket = ticket.decided(operators.told(one, AT), AT, approve=True)
    return ticket


def refusal(*who: Answerer, known: tuple[OperatorName, ...] = BOUND) -> str:
    with pytest.raises(ApprovalError) as refused:
        after(*who, known=known)
    return refused.value.reason


def test_names_that_the_settings_bind_are_one_person() -> None:
    once, again = after(user(7)), after(user(7), holder("eve"))
    both = after(user(7), holder("kim"))

    assert [str(one) for one in once.approved_by] == [f"eve ({ISSUER.url})"]
    assert again == once
    assert (again.state(AT), both.state(AT), len(both.approved_by)) == (State.PENDING, State.APPROVED, 2)


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        pytest.param(user(0), "approver_excluded", id="the person acted for, by another name"),
        pytest.param(holder("root"), "approver_excluded", id="and by a token of another issuer"),
        pytest.param(holder("lee"), "approver_excluded", id="whose user opened the session"),
        pytest.param(user(1000), "approver_excluded", id="that user"),
        pytest.param(user(8), "approver_unknown", id="a user whom nobody bound"),
        pytest.param(holder("max"), "approver_unknown", id="nobody's name"),
        pytest.param(Answerer(), "approver_unknown", id="nobody"),
    ],
)
def test_who_asks_does_not_consent_by_another_name(who: Answerer, reason: str) -> None:
    assert refusal(who) == reason


@pytest.mark.parametrize("known", [BOUND, ()])
def test_a_user_does_not_consent_where_nobody_knows_which_user_opened_the_session(
    known: tuple[OperatorName, ...],
) -> None:
    operators, ticket = Operators(lambda: VERIFIER, known), replace(ASKED, opener=None)
    who = operators.told(user(7), AT)

    with pytest.raises(ApprovalError) as refused:
        ticket.decided(who, AT, approve=True)
    assert refused.value.reason == "approver_excluded"
    assert ticket.decided(who, AT, approve=False).state(AT) is State.REJECTED
    assert ticket.decided(Operators(lambda: VERIFIER, BOUND).told(holder("eve"), AT), AT, approve=True).approved_by


@pytest.mark.parametrize(
    "second", [pytest.param(user(8), id="another user"), pytest.param(holder("kim"), id="the holder of a token")]
)
def test_a_user_whom_nobody_bound_may_be_any_of_the_others(second: Answerer) -> None:
    unbound = tuple(replace(one, uid=None) for one in BOUND)

    assert refusal(user(7), second, known=unbound) == "approver_excluded"
    assert refusal(second, user(7), known=unbound) == "approver_excluded"
    assert after(user(7), known=unbound).approved_by[0].authority == "uid"


@pytest.mark.parametrize(
    ("operators", "problem"),
    [
        pytest.param([("a", "x", 1, ""), ("a", "x", 2, "")], "twice", id="one name twice"),
        pytest.param([("a", "x", 1, ""), ("b", "x", 1, "")], "two persons", id="one user, two names"),
        pytest.param([("a", "x", 1, "p"), ("b", "y", 1, "q")], "two persons", id="one user, two persons"),
        pytest.param([("a", "x", -1, "")], "greater than or equal", id="no user id"),
        pytest.param([("a", "x", 1, "p"), ("b", "y", 1, "p"), ("b", "z", None, "")], "", id="one person of two names"),
    ],
)
def test_settings_that_do_not_tell_persons_apart_are_told(
    operators: list[tuple[str, str, int | None, str]], problem: str
) -> None:
    written = [dict(zip(("issuer", "subject", "uid", "person"), one, strict=True)) for one in operators]

    if not problem:
        assert len(ApprovalSettings.model_validate({"operators": written}).operators) == 3
        return
    with pytest.raises(ValueError, match=problem):
        ApprovalSettings.model_validate({"operators": written})
