"""Plain data of pictures and coded pictures, and the protocols between rooms. Imports only contract/."""
