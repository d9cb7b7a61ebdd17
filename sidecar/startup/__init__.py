"""The start of the program: `ready`, early answers, and lean imports in the frozen program."""
