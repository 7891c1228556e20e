{ cat testdata/tiny/v5.rdb; printf '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n'; } >preamble.aof; rdbmeter verify preamble.aof
