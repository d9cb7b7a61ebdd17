# another format while a camera is open: a notification, then the result
>> {"jsonrpc":"2.0","id":1,"method":"start_streaming","params":{"deviceId":"test:pattern","format":{"width":320,"height":180,"fps":30}}}
<< {"jsonrpc":"2.0","result":{"session_id":"<string SESSION>","device_id":"test:pattern","format":{"width":320,"height":180,"fps":30.0,"pixel_format":"yuv420p"}},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"set_format","params":{"sessionId":"${SESSION}","format":{"width":640,"height":480}}}
<< {"jsonrpc":"2.0","method":"format_changed","params":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":640,"height":480,"fps":30.0,"pixel_format":"yuv420p"}}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":640,"height":480,"fps":30.0,"pixel_format":"yuv420p"}},"id":2}

# a rate alone, a size alone, a width alone, and nothing
>> {"jsonrpc":"2.0","id":3,"method":"set_format","params":{"sessionId":"${SESSION}","format":{"fps":15}}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":640,"height":480,"fps":15.0,"pixel_format":"yuv420p"}},"id":3}
>> {"jsonrpc":"2.0","id":4,"method":"set_format","params":{"sessionId":"${SESSION}","format":{"width":320,"height":240}}}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":320,"height":240,"fps":15.0,"pixel_format":"yuv420p"}},"id":4}
>> {"jsonrpc":"2.0","id":5,"method":"set_format","params":["${SESSION}",{"width":640,"fps":30}]}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":640,"height":360,"fps":30.0,"pixel_format":"yuv420p"}},"id":5}
>> {"jsonrpc":"2.0","id":6,"method":"set_format","params":["${SESSION}",{}]}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","format":{"width":640,"height":360,"fps":30.0,"pixel_format":"yuv420p"}},"id":6}
>> {"jsonrpc":"2.0","id":7,"method":"set_format","params":["${SESSION}",{"width":8,"height":8}]}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"<object>"},"id":7}

# photos: as large as the picture, and scaled down into a width and a height
>> {"jsonrpc":"2.0","id":8,"method":"take_photo","params":{"sessionId":"${SESSION}","mimeType":"image/png"}}
<< {"jsonrpc":"2.0","result":{"mime_type":"image/png","data":"<string>","width":640,"height":360,"captured_wall_ms":"<number>"},"id":8}
>> {"jsonrpc":"2.0","id":9,"method":"take_photo","params":{"session_id":"${SESSION}","quality":0.5,"width":160,"height":160}}
<< {"jsonrpc":"2.0","result":{"mime_type":"image/jpeg","data":"<string>","width":160,"height":90,"captured_wall_ms":"<number>"},"id":9}
>> {"jsonrpc":"2.0","id":10,"method":"take_photo","params":{"session_id":"${SESSION}","mime_type":"image/webp"}}
<< {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"<object>"},"id":10}

# a session that has ended, and one that never was
>> {"jsonrpc":"2.0","id":11,"method":"stop_streaming","params":["${SESSION}"]}
<< {"jsonrpc":"2.0","result":{"session_id":"${SESSION}","device_id":"test:pattern","camera_released":true,"already_stopped":false},"id":11}
>> {"jsonrpc":"2.0","id":12,"method":"set_format","params":["${SESSION}",{"width":320,"height":240}]}
<< {"jsonrpc":"2.0","error":{"code":1102,"message":"<string>","data":{"kind":"invalid_state","...":""}},"id":12}
>> {"jsonrpc":"2.0","id":13,"method":"take_photo","params":["${SESSION}"]}
<< {"jsonrpc":"2.0","error":{"code":1102,"message":"<string>","data":{"kind":"invalid_state","...":""}},"id":13}
>> {"jsonrpc":"2.0","id":14,"method":"take_photo","params":["no such session"]}
<< {"jsonrpc":"2.0","error":{"code":1201,"message":"<string>","data":{"kind":"session_not_found","...":""}},"id":14}
