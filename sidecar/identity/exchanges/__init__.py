"""A token for another one: of the same issuer, or of another domain's."""
