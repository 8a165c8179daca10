"""Frozen values and pure arithmetic. Imports errors only; reads no clock and does no I/O."""
