"""Where values of a session come from: what was said, by whom, and whether a value is one of it."""
