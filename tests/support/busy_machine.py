"""The allowance for a busy machine in tests that measure time."""

from __future__ import annotations

SLACK = 3.0
"""Seconds to add to a promised time. The machines that run the tests are shared and stop for a second at times; some
tests have several of these stops within the measured time. A bound with this allowance must still be shorter than the
time that the tested fault takes, which the test names."""
