"""A reference monitor beside one AI agent: nothing crosses a trust boundary without a verdict.

Kept free of imports, so that `sidecar.client` needs nothing but grpcio and protobuf.
"""

__version__ = "0.1.0"
