rdbmeter keys --key-format base64 testdata/tiny/names.rdb
