# a connection by hand, in the order of the signalling and out of it
>> {"jsonrpc":"2.0","id":1,"method":"create_peer_connection","params":{"iceServers":[]}}
<< {"jsonrpc":"2.0","result":{"connection_id":"<string CONNECTION>"},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"get_connection_state","params":{"connectionId":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"connection_state":"new","ice_connection_state":"new","ice_gathering_state":"new"},"id":2}
>> {"jsonrpc":"2.0","id":3,"method":"create_answer","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","error":{"code":1102,"message":"<string>","data":{"kind":"invalid_state","...":""}},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"set_remote_description","params":{"connectionId":"${CONNECTION}","description":{"type":"answer","sdp":"rubbish"}}}
<< {"jsonrpc":"2.0","error":{"code":"<integer>","message":"<string>","data":"<object>"},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"connect_camera_to_webrtc","params":{"connectionId":"${CONNECTION}","deviceId":"test:pattern"}}
<< {"jsonrpc":"2.0","result":{"session_id":"<string SESSION>","device_id":"test:pattern","format":{"width":1280,"height":720,"fps":30.0,"pixel_format":"yuv420p"}},"id":5}
>> {"jsonrpc":"2.0","id":6,"method":"create_offer","params":{"connectionId":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"sdp_type":"offer","sdp":"<string>","connection_id":"${CONNECTION}","generation":0},"id":6}
>> {"jsonrpc":"2.0","id":7,"method":"add_ice_candidate","params":{"connectionId":"${CONNECTION}","candidate":{"candidate":"rubbish","sdpMid":"0"}}}
<< {"jsonrpc":"2.0","error":{"code":1104,"message":"<string>","data":{"kind":"invalid_candidate","...":""}},"id":7}
>> {"jsonrpc":"2.0","id":8,"method":"get_stats","params":{"connectionId":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>","cameras":["<object>"],"connections":["<object>"]},"id":8}
>> {"jsonrpc":"2.0","id":9,"method":"close_connection","params":{"connectionId":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"connection_id":"${CONNECTION}","device_id":"test:pattern","session_id":"${SESSION}","camera_released":true,"already_closed":false},"id":9}
<< {"jsonrpc":"2.0","method":"connection_state","params":{"connection_id":"${CONNECTION}","generation":"<integer>","state":"closed","reason":"<any>"}}
>> {"jsonrpc":"2.0","id":10,"method":"close_connection","params":{"connectionId":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"connection_id":"${CONNECTION}","device_id":"test:pattern","session_id":"${SESSION}","camera_released":"<boolean>","already_closed":true},"id":10}

# all in one
>> {"jsonrpc":"2.0","id":11,"method":"start_camera_webrtc_session","params":{"deviceId":"test:pattern","iceServers":[],"format":{"width":320,"height":180}}}
<< {"jsonrpc":"2.0","result":{"sdp_type":"offer","sdp":"<string>","connection_id":"<string SECOND>","session_id":"<string>","device_id":"test:pattern","format":{"width":320,"height":180,"fps":30.0,"pixel_format":"yuv420p"}},"id":11}
<< {"jsonrpc":"2.0","method":"ice_candidate","params":{"connection_id":"${SECOND}","generation":0,"candidate":null}}
>> {"jsonrpc":"2.0","id":12,"method":"close_connection","params":["${SECOND}"]}
<< {"jsonrpc":"2.0","result":{"connection_id":"${SECOND}","camera_released":true,"...":""},"id":12}

# for webviews without WebRTC
>> {"jsonrpc":"2.0","id":121,"method":"start_camera_local_session","params":{"deviceId":"test:pattern","format":{"width":320,"height":180,"fps":30}}}
<< {"jsonrpc":"2.0","result":{"url":"<string>","connection_id":"<string LOCAL>","session_id":"<string>","device_id":"test:pattern","format":{"width":320,"height":180,"fps":30.0,"pixel_format":"yuv420p"},"codec":"<string>","description":"<string>","width":320,"height":180,"fps":30.0},"id":121}
>> {"jsonrpc":"2.0","id":122,"method":"close_connection","params":["${LOCAL}"]}
<< {"jsonrpc":"2.0","result":{"connection_id":"${LOCAL}","camera_released":true,"...":""},"id":122}

# a connection that never was
>> {"jsonrpc":"2.0","id":13,"method":"close_connection","params":["never"]}
<< {"jsonrpc":"2.0","error":{"code":1101,"message":"<string>","data":{"kind":"connection_not_found","...":""}},"id":13}

# statistics of nothing, and regularly
>> {"jsonrpc":"2.0","id":14,"method":"get_stats"}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>","cameras":[],"connections":[]},"id":14}
>> {"jsonrpc":"2.0","id":15,"method":"subscribe_stats","params":{"intervalMs":100}}
<< {"jsonrpc":"2.0","result":{},"id":15}
<< {"jsonrpc":"2.0","method":"stats","params":{"monotonic_ms":"<number>","wall_ms":"<number>","cameras":[],"connections":[]}}
>> {"jsonrpc":"2.0","id":16,"method":"subscribe_stats","params":{"intervalMs":0}}
<< {"jsonrpc":"2.0","result":{},"id":16}
