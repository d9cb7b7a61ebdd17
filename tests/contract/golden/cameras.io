>> {"jsonrpc":"2.0","id":1,"method":"get_available_cameras"}
<< {"jsonrpc":"2.0","result":{"cameras":"<array>"},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"request_camera_permission","params":{"deviceId":"test:pattern"}}
<< {"jsonrpc":"2.0","result":{"status":"granted","hint":null},"id":2}

# a session: opened, adjusted, closed, closed again
>> {"jsonrpc":"2.0","id":3,"method":"start_streaming","params":{"deviceId":"test:pattern","format":{"width":320,"height":180,"fps":30}}}
<< {"jsonrpc":"2.0","result":{"session_id":"<string SESSION>","device_id":"test:pattern","format":{"width":320,"height":180,"fps":30.0,"pixel_format":"yuv420p"}},"id":3}
<< {"jsonrpc":"2.0","method":"camera_state","params":{"device_id":"test:pattern","session_id":"${SESSION}","state":"streaming","reason":null,"hint":null}}
>> {"jsonrpc":"2.0","id":4,"method":"set_encoding","params":{"sessionId":"${SESSION}","bitrate":400000}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","bitrate":400000,"max_bitrate":"<integer>","fps":30.0,"reduced_bitrate":null},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"request_keyframe","params":["${SESSION}"]}
<< {"jsonrpc":"2.0","result":{},"id":5}
>> {"jsonrpc":"2.0","id":6,"method":"stop_streaming","params":{"sessionId":"${SESSION}"}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","camera_released":true,"already_stopped":false},"id":6}
<< {"jsonrpc":"2.0","method":"camera_state","params":{"device_id":"test:pattern","session_id":"${SESSION}","state":"stopped","...":""}}
>> {"jsonrpc":"2.0","id":7,"method":"stop_streaming","params":{"sessionId":"${SESSION}"}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","camera_released":"<boolean>","already_stopped":true},"id":7}

# what is not there, and what is not allowed
>> {"jsonrpc":"2.0","id":8,"method":"start_streaming","params":["no such camera"]}
<< {"jsonrpc":"2.0","error":{"code":1001,"message":"<string>","data":{"kind":"camera_not_found","retryable":true,"hint":"<string>","details":{"available":"<array>"}}},"id":8}
>> {"jsonrpc":"2.0","id":9,"method":"start_streaming","params":["file:/etc/hostname"]}
<< {"jsonrpc":"2.0","error":{"code":1005,"message":"<string>","data":{"kind":"source_not_allowed","...":""}},"id":9}
>> {"jsonrpc":"2.0","id":10,"method":"stop_streaming","params":["no such session"]}
<< {"jsonrpc":"2.0","error":{"code":1201,"message":"<string>","data":{"kind":"session_not_found","...":""}},"id":10}
