# the answer goes out before the process ends
$$
>> {"jsonrpc":"2.0","id":1,"method":"shutdown","params":{}}
<< {"jsonrpc":"2.0","result":{},"id":1}
