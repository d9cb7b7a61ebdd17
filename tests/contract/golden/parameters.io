# every parameter that does not fit is named, in the caller's spelling
>> {"jsonrpc":"2.0","id":1,"method":"start_streaming","params":{}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":{"kind":"invalid_params","retryable":false,"hint":"device_id: is required.","details":{"errors":[{"path":"device_id","message":"is required"}]}}},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"start_streaming","params":{"deviceId":"test:pattern","colour":true}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":{"kind":"invalid_params","retryable":false,"hint":"<string>","details":{"errors":[{"path":"colour","message":"is not known"}]}}},"id":2}
>> {"jsonrpc":"2.0","id":3,"method":"start_streaming","params":{"deviceId":7,"format":{"width":"wide"}}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":{"kind":"invalid_params","retryable":false,"hint":"<string>","details":{"errors":[{"path":"deviceId","message":"<string>"},{"path":"format.width","message":"<string>"}]}}},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"ping","params":[1]}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":{"kind":"invalid_params","retryable":false,"hint":"<string>","details":{"errors":[{"path":"[0]","message":"<string>"}]}}},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"create_peer_connection","params":{"iceServers":[{"urls":["stun:127.0.0.1:9",5]}]}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"<object>"},"id":5}

# unknown members of W3C dictionaries are not looked at
>> {"jsonrpc":"2.0","id":6,"method":"add_ice_candidate","params":{"connectionId":"none","candidate":{"candidate":"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}}
<< {"jsonrpc":"2.0","error":{"code":1101,"message":"<string>","data":{"kind":"connection_not_found","retryable":false,"hint":"<string>"}},"id":6}
>> {"jsonrpc":"2.0","id":7,"method":"add_ice_candidate","params":["none",null]}
<< {"jsonrpc":"2.0","error":{"code":1101,"message":"<string>","data":"<object>"},"id":7}
