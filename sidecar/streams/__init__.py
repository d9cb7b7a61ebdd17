"""Streams: one for each open camera, encoded for its subscriptions; and the sessions that keep a camera open."""
