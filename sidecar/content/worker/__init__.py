"""Processes of their own that read strangers' texts, and how the deciding process asks them."""
