"""The standard streams and signals of the process, its parent, and the last resort that ends it."""
