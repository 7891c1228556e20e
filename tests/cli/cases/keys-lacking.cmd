rdbmeter keys --target redis-4.0 --type stream testdata/tiny/types.rdb
