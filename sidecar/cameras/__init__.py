"""Listing and capturing cameras. The only importer of cv2 and of av's input devices."""
