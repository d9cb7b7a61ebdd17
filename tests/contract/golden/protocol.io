# JSON-RPC 2.0, section 7, with methods of ours

# a call without params, and with none by position and by name
>> {"jsonrpc":"2.0","id":1,"method":"ping"}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>"},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"ping","params":[]}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>"},"id":2}
>> {"jsonrpc":"2.0","id":"three","method":"ping","params":{}}
<< {"jsonrpc":"2.0","result":{"monotonic_ms":"<number>","wall_ms":"<number>"},"id":"three"}

# notifications are not answered, good or bad: the next answer is that of the call behind them
>> {"jsonrpc":"2.0","method":"ping"}
>> {"jsonrpc":"2.0","method":"foobar"}
>> {"jsonrpc":"2.0","method":"start_streaming","params":[]}
>> {"jsonrpc":"2.0","id":4,"method":"ping"}
<< {"jsonrpc":"2.0","result":"<object>","id":4}

# a method that does not exist
>> {"jsonrpc":"2.0","method":"foobar","id":"1"}
<< {"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found","data":{"kind":"method_not_found","retryable":false,"hint":"<string>","details":{"method":"foobar"}}},"id":"1"}

# invalid JSON
>> {"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]
<< {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error","data":{"kind":"parse_error","retryable":false,"hint":"<string>"}},"id":null}
>> {"jsonrpc":"2.0","id":5,"method":"ping","params":{"x":NaN}}
<< {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error","data":"<object>"},"id":null}

# no request object
>> {"jsonrpc":"2.0","method":1,"params":"bar"}
<< {"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":{"kind":"invalid_request","retryable":false,"hint":"<string>"}},"id":null}
>> {"jsonrpc":"1.0","id":6,"method":"ping"}
<< {"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"<object>"},"id":6}

# batches
>> [{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]
<< {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error","data":"<object>"},"id":null}
>> []
<< {"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"<object>"},"id":null}
>> [1]
<< [{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"<object>"},"id":null}]
>> [{"jsonrpc":"2.0","id":7,"method":"ping"},{"jsonrpc":"2.0","method":"ping"},{"foo":"boo"},{"jsonrpc":"2.0","id":8,"method":"foo.get"}]
<< [{"jsonrpc":"2.0","result":"<object>","id":7},{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"<object>"},"id":null},{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found","data":"<object>"},"id":8}]
>> [{"jsonrpc":"2.0","method":"ping"},{"jsonrpc":"2.0","method":"foobar"}]
>> {"jsonrpc":"2.0","id":9,"method":"ping"}
<< {"jsonrpc":"2.0","result":"<object>","id":9}

# an id is any number that JSON can hold, and comes back as it is
>> {"jsonrpc":"2.0","id":10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000,"method":"ping"}
<< {"jsonrpc":"2.0","result":"<object>","id":10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000}
>> {"jsonrpc":"2.0","id":1e999,"method":"ping"}
<< {"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"<object>"},"id":null}
