"""Who brings a credential: the proof of its key, of a workload, of a process (identity-spec 2.5, 2.6 F and G)."""
