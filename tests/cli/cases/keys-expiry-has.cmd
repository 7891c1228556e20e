rdbmeter keys --expiry has testdata/tiny/types.rdb
