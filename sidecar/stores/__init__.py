"""State behind ports: atomic verbs in `base`, then one file per backend."""
