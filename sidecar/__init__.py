"""A reference monitor beside one AI agent: nothing crosses a trust boundary without a verdict.

Kept free of imports, so that `sidecar.client` needs nothing but grpcio and protobuf.
"""

__version__ = "0.1.0"

RELEASED = 1_767_225_600  # 2026-01-01: no clock that is right is before it; moved on with a release
