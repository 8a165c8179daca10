"""A2A, the protocol between agents, in its versions 0.3 and 1.0."""
