# initialize may be called twice, and by position
>> {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientName":"golden","client_version":"1"}}
<< {"jsonrpc":"2.0","result":{"name":"camera-sidecar","version":"<string>","protocol_version":"1.0","capabilities":{"encoders":"<array>","sources":"<array>","features":"<array>"},"platform":"<string>"},"id":1}
>> {"jsonrpc":"2.0","id":2,"method":"initialize","params":["golden","1","1.0"]}
<< {"jsonrpc":"2.0","result":{"name":"camera-sidecar","...":""},"id":2}

>> {"jsonrpc":"2.0","id":3,"method":"rpc.discover"}
<< {"jsonrpc":"2.0","result":{"openrpc":"1.4.1","info":{"title":"camera-sidecar","version":"1.0","description":"<string>"},"methods":"<array>","x-notifications":"<array>","x-errors":"<array>","components":"<object>"},"id":3}
