"""Windows: DirectShow devices, and the privacy settings in the registry."""
