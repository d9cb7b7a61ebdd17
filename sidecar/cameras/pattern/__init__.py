"""Pictures that the program paints itself: the test pattern, and what stands for a lost camera."""
