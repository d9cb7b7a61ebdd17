"""Sources that the command line allows: file: and rtsp:, each parsed once.

`display` says what of a source may be shown, `rtsp_url` and `file_path` parse, `pattern` compares with
--allow-source, `allowed` decides, `opened_file` opens a file as it was checked. Only `allowed` and `opened_file`
import the contract, because the command line is read before the contract is imported.
"""
