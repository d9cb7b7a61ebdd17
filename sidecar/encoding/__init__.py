"""H.264. The only importer of av's encoders."""
