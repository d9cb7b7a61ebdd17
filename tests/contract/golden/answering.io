# the other peer offers, the sidecar answers; nobody is at the other end, and closing ends it
>> {"jsonrpc":"2.0","id":1,"method":"create_peer_connection","params":{"ice_servers":[]}}
<< {"jsonrpc":"2.0","result":{"connection_id":"<string CONNECTION>"},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"connect_camera_to_webrtc","params":{"connection_id":"${CONNECTION}","device_id":"test:pattern"}}
<< {"jsonrpc":"2.0","result":{"session_id":"<string SESSION>","device_id":"test:pattern","format":{"width":1280,"height":720,"fps":30.0,"pixel_format":"yuv420p"}},"id":2}
>> {"jsonrpc":"2.0","id":3,"method":"set_remote_description","params":{"connection_id":"${CONNECTION}","description":{"type":"offer","sdp":"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 106 107\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\na=fingerprint:sha-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:106 H264/90000\r\na=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:107 rtx/90000\r\na=fmtp:107 apt=106\r\n"}}}
<< {"jsonrpc":"2.0","result":{},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"create_answer","params":{"connection_id":"${CONNECTION}"}}
<< {"jsonrpc":"2.0","result":{"sdp_type":"answer","sdp":"<string>","connection_id":"${CONNECTION}","generation":0},"id":4}
<< {"jsonrpc":"2.0","method":"connection_state","params":{"connection_id":"${CONNECTION}","generation":0,"state":"connecting","reason":null}}
>> {"jsonrpc":"2.0","id":5,"method":"add_ice_candidate","params":{"connection_id":"${CONNECTION}","candidate":{"candidate":"candidate:1 1 udp 2130706431 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}}}
<< {"jsonrpc":"2.0","result":{},"id":5}
# the guide's spelling, and neither index nor mid but one of them
>> {"jsonrpc":"2.0","id":6,"method":"add_ice_candidate","params":{"connectionId":"${CONNECTION}","candidate":{"candidate":"candidate:2 1 udp 2130706175 127.0.0.1 9 typ host","sdpMlineIndex":0}}}
<< {"jsonrpc":"2.0","result":{},"id":6}
>> {"jsonrpc":"2.0","id":7,"method":"add_ice_candidate","params":{"connectionId":"${CONNECTION}","candidate":{"candidate":"candidate:3 1 udp 2130705919 127.0.0.1 9 typ host","sdpMid":"0"}}}
<< {"jsonrpc":"2.0","result":{},"id":7}
>> {"jsonrpc":"2.0","id":8,"method":"add_ice_candidate","params":["${CONNECTION}",null]}
<< {"jsonrpc":"2.0","result":{},"id":8}
>> {"jsonrpc":"2.0","id":9,"method":"close_connection","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","result":{"connection_id":"${CONNECTION}","device_id":"test:pattern","session_id":"${SESSION}","camera_released":true,"already_closed":false},"id":9}

# what cannot be used
>> {"jsonrpc":"2.0","id":10,"method":"create_offer","params":{"ice_servers":[]}}
<< {"jsonrpc":"2.0","result":{"sdp_type":"offer","sdp":"<string>","connection_id":"<string CONNECTION>","generation":0},"id":10}
>> {"jsonrpc":"2.0","id":11,"method":"set_remote_description","params":{"connection_id":"${CONNECTION}","description":{"type":"answer","sdp":"rubbish"}}}
<< {"jsonrpc":"2.0","error":{"code":1103,"message":"<string>","data":{"kind":"invalid_sdp","...":""}},"id":11}
>> {"jsonrpc":"2.0","id":12,"method":"close_connection","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","result":{"connection_id":"${CONNECTION}","...":""},"id":12}
>> {"jsonrpc":"2.0","id":13,"method":"create_offer","params":["${CONNECTION}"]}
<< {"jsonrpc":"2.0","error":{"code":1102,"message":"<string>","data":{"kind":"invalid_state","...":""}},"id":13}
