# every line of the log is a notification, when the command line asks for it
$$ --log-notifications
>> {"jsonrpc":"2.0","id":1,"method":"start_streaming","params":{"device_id":"test:pattern","format":{"width":320,"height":180}}}
<< {"jsonrpc":"2.0","result":{"session_id":"<string>","...":""},"id":1}
<< {"jsonrpc":"2.0","method":"log","params":{"level":"info","message":"<string>"}}
