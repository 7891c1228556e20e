rdbmeter keys --type zset,stream testdata/tiny/types.rdb
