"""The first moments of the program: `ready`, early answers, and the libraries as the frozen program needs them."""
