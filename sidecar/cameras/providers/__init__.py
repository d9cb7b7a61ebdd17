"""The kinds of cameras (contract, CameraKind): one `Provider` for each, in a module of its own.

To add a kind, write its provider here, add its row to the table in catalogue.py and its name to the contract's
CameraKind. No module here imports a library or another room at its top, because all of them are imported at the start.
"""
