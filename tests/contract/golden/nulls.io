# null for a parameter that may be left out counts as left out, by name and by position
>> {"jsonrpc":"2.0","id":1,"method":"initialize","params":[null,null,null]}
<< {"jsonrpc":"2.0","result":{"name":"camera-sidecar","...":""},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"create_peer_connection","params":{"ice_servers":null}}
<< {"jsonrpc":"2.0","result":{"connection_id":"<string ONE>"},"id":2}
>> {"jsonrpc":"2.0","id":3,"method":"create_peer_connection","params":[null]}
<< {"jsonrpc":"2.0","result":{"connection_id":"<string OTHER>"},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"create_offer","params":{"connectionId":"${ONE}","iceServers":null,"iceRestart":null}}
<< {"jsonrpc":"2.0","result":{"sdp_type":"offer","sdp":"<string>","connection_id":"${ONE}","generation":0},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"create_offer","params":["${OTHER}",null,null]}
<< {"jsonrpc":"2.0","result":{"sdp_type":"offer","sdp":"<string>","connection_id":"${OTHER}","generation":0},"id":5}
>> {"jsonrpc":"2.0","id":6,"method":"close_connection","params":["${ONE}"]}
<< {"jsonrpc":"2.0","result":"<object>","id":6}
>> {"jsonrpc":"2.0","id":7,"method":"close_connection","params":["${OTHER}"]}
<< {"jsonrpc":"2.0","result":"<object>","id":7}
>> {"jsonrpc":"2.0","id":8,"method":"start_camera_webrtc_session","params":{"device_id":"test:pattern","ice_servers":null,"format":{"width":160,"height":90,"fps":null},"encoding":null,"playout_delay":{"min_ms":null,"max_ms":null}}}
<< {"jsonrpc":"2.0","result":{"connection_id":"<string THIRD>","...":""},"id":8}
>> {"jsonrpc":"2.0","id":9,"method":"close_connection","params":["${THIRD}"]}
<< {"jsonrpc":"2.0","result":"<object>","id":9}

# and for one that is required, or unknown, it is no value
>> {"jsonrpc":"2.0","id":10,"method":"start_streaming","params":{"device_id":null}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"<object>"},"id":10}
>> {"jsonrpc":"2.0","id":11,"method":"ping","params":{"x":null}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"<object>"},"id":11}
