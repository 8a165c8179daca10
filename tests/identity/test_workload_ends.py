"""N186 and N206 for workloads: what ends with the key, the name or the platform that a workload showed."""

from dataclasses import replace

import pytest

from sidecar.identity.trial import TrialIssuer
from sidecar.identity.verifier import Verifier
from sidecar.model.revocation import DenySet, Kind, Revocation, Selector
from tests.identity.crafting import RES, T, trusted
from tests.identity.holders.test_presenters import (
    ACCOUNT,
    BY,
    CLUSTER,
    HOLDER,
    ISSUERS,
    NAMED_RULE,
    OTHER_CLUSTER,
    SINGLE,
    TD,
    WIT,
    account,
    beside,
    platform,
    shown,
    svid,
    wpt,
)


def test_a_key_that_the_platform_takes_back_ends_what_stands_on_it() -> None:
    chain = shown(SINGLE, svid())
    gone = Verifier.of([trusted(), replace(platform(TrialIssuer.generate(TD.url), "spiffe"))], [RES])

    withheld = [replace(one, withheld="jwks_stale" if one.issuer == TD.url else "") for one in ISSUERS]
    assert BY.trust.lost(chain) == ""
    assert Verifier.of(withheld, [RES]).trust.lost(chain) == "jwks_stale"
    assert gone.trust.lost(chain) == "key_unknown_kid"
    assert Verifier.of([trusted()], [RES]).trust.lost(chain) == "iss_untrusted"


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param(Selector(Kind.AGENT, ACCOUNT), "subject_revoked", id="as an agent"),
        pytest.param(Selector(Kind.SUBJECT, ACCOUNT), "subject_revoked", id="as a subject"),
        pytest.param(Selector(Kind.SUBJECT, ACCOUNT, CLUSTER.url), "subject_revoked", id="as its cluster's"),
        pytest.param(Selector(Kind.SUBJECT, ACCOUNT, OTHER_CLUSTER.url), "", id="as another cluster's"),
    ],
)
def test_a_workload_that_is_revoked_acts_no_more(selector: Selector, expected: str) -> None:
    held, chain = DenySet(), shown(SINGLE, account(), [NAMED_RULE])
    held.add([Revocation(selector, T + 60)], T)

    assert held.reason(replace(chain, workload=None), T) == ""  # which says nothing of who else may bring the token
    assert held.reason(chain, T) == expected


def test_n186_a_workloads_key_that_is_revoked_proves_nothing() -> None:
    held = DenySet()
    held.add([Revocation(Selector(Kind.KEY, HOLDER.public.thumbprint), T + 60)], T)
    assert held.reason(shown(SINGLE, beside(WIT, wpt(single=True))), T) == "key_revoked"
