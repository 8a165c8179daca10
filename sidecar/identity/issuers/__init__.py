"""Issuers' keys: where they come from, and how they are kept fresh (identity-spec 2.13)."""
