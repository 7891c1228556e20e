rdbmeter keys --min-size 4kb testdata/tiny/types.rdb
