"""The file: and rtsp: sources that the command line allows, each parsed once.

`syntax`, `rtsp_url` and `file_path` parse sources. `rtsp_pattern` and `glob` compare them with --allow-source, and
`allowed` decides. `opened_file` opens a file as it was checked. `display` and `secrets` hide logins and secrets. Only
`allowed` and `opened_file` import the contract, because the command line is read before the contract is imported.
"""
