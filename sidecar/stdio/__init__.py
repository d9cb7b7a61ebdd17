"""The process's edge: file descriptors, reader and writer threads."""
