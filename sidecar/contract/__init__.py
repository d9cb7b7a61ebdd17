"""The contract: the messages on the wire. Imports no other part of the program."""
