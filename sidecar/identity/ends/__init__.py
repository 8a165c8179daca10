"""What ends a credential before its time: lists, events, and what its issuer says of it (identity-spec 2.15)."""
