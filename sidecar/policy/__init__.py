"""Rule packs: load, compile, decide."""
