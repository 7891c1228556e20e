rdbmeter keys --expiry expired --now 4100000000 testdata/tiny/types.rdb
