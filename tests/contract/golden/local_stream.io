# a local stream, from its address to its end; the WebSocket itself is tested in tests/unit and tests/browser
>> {"jsonrpc":"2.0","id":1,"method":"start_camera_local_session","params":{"deviceId":"test:pattern","format":{"width":320,"height":180,"fps":30}}}
<< {"jsonrpc":"2.0","result":{"url":"<string>","connection_id":"<string CONNECTION>","session_id":"<string>","device_id":"test:pattern","format":{"width":320,"height":180,"fps":30.0,"pixel_format":"yuv420p"},"codec":"avc1.42c01f","description":"<string>","width":320,"height":180,"fps":30.0},"id":1}
<< {"jsonrpc":"2.0","method":"connection_state","params":{"connection_id":"${CONNECTION}","generation":0,"state":"connecting","reason":null}}
>> {"jsonrpc":"2.0","id":2,"method":"get_connection_state","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","result":{"connection_state":"connecting","ice_connection_state":"new","ice_gathering_state":"complete"},"id":2}
>> {"jsonrpc":"2.0","id":3,"method":"create_offer","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","error":{"code":1102,"message":"<string>","data":{"kind":"invalid_state","...":""}},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"get_stats","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","result":{"connections":[{"connection_id":"${CONNECTION}","state":"connecting","candidate_pair":null,"frames_sent":0,"time_to_first_frame_ms":null,"...":""}],"...":""},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"close_connection","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","result":{"connection_id":"${CONNECTION}","device_id":"test:pattern","session_id":"<string>","camera_released":true,"already_closed":false},"id":5}
<< {"jsonrpc":"2.0","method":"connection_state","params":{"connection_id":"${CONNECTION}","generation":0,"state":"closed","reason":null}}
>> {"jsonrpc":"2.0","id":6,"method":"start_camera_local_session","params":{"deviceId":"nobody"}}
<< {"jsonrpc":"2.0","error":{"code":1001,"message":"<string>","data":{"kind":"camera_not_found","...":""}},"id":6}
