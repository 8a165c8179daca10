"""Tokens, chains of delegation, keys, and the sessions that they open. Decides without I/O; `keyfile` reads."""
