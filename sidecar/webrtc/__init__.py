"""Peers. The only importer of aiortc and aioice."""
