"""Thin adapters from the contract to one enforcer."""
