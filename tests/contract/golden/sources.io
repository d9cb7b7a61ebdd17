# a file that is no video, and one that is not there
$$ --allow-source file:*
>> {"jsonrpc":"2.0","id":1,"method":"start_streaming","params":{"device_id":"file:pyproject.toml"}}
<< {"jsonrpc":"2.0","error":{"code":1004,"message":"<string>","data":{"kind":"camera_failed","...":""}},"id":1}
<< {"jsonrpc":"2.0","method":"camera_state","params":{"device_id":"file:pyproject.toml","session_id":"<string>","state":"failed","reason":"<string>","hint":"<string>"}}
>> {"jsonrpc":"2.0","id":2,"method":"start_camera_webrtc_session","params":["file:no such file"]}
<< {"jsonrpc":"2.0","error":{"code":1001,"message":"<string>","data":{"kind":"camera_not_found","...":""}},"id":2}
# the connection that was made for it is gone again
>> {"jsonrpc":"2.0","id":3,"method":"get_stats","params":{}}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>","cameras":[],"connections":[]},"id":3}
