"""What operators see of a running sidecar. Never payload."""
