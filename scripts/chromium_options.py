"""The command line of Debian's Chromium for the benchmarks and the tests."""

from __future__ import annotations

ARGUMENTS = (
    "--no-sandbox",  # Chromium refuses to run as root with a sandbox
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
PLAIN_ADDRESSES = "--disable-features=WebRtcHideLocalIpsWithMdns"
"""No mDNS names in candidates, so that no multicast leaves the machine."""
