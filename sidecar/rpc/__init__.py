"""JSON-RPC 2.0 over a byte stream, independent of the contract."""
