"""Scopes of one tool, for tables."""

from sidecar.model.strict_json import Json


def c(kind: str, **members: Json) -> Json:
    """Return a constraint of this kind."""
    return {"constraint_type": kind, **members}


def scope(**args: Json) -> Json:
    """Return a scope that grants `t` with `args`; `any_other` stands for "*"."""
    return {"tools": {"t": {"args": {name.replace("any_other", "*"): value for name, value in args.items()}}}}


W, NUMBER = c("wildcard"), c("range", min=0, max=10)
TRUE: Json = True
OPTIONAL: Json = {"constraint_type": "wildcard", "optional": True}
