"""Bytes ↔ crossings: what other protocols say, without I/O."""
