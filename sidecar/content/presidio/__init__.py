"""Presidio and spaCy, set up to find what they find, in a fraction of their time."""
