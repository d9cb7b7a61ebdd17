"""Sources that the command line allows: file: and rtsp:, each parsed once.

`syntax`, `rtsp_url` and `file_path` parse, `rtsp_pattern` and `glob` compare with --allow-source, `allowed` decides,
`opened_file` opens a file as it was checked, `display` and `secrets` say what may be shown. Only `allowed` and
`opened_file` import the contract, because the command line is read before the contract is imported.
"""
