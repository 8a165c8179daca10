"""What may be done, and the order "narrower than" (identity-spec 2.7)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Placeholder of the kernel commit; the identity step fills it."""


def meet(a: Scope, b: Scope) -> Scope:
    """Return what both allow."""
    return a if a == b else b
