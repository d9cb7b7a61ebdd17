"""The pictures of one open camera, encoded for its subscribers; the sessions that keep a camera open."""
