rdbmeter keys --db 3 testdata/tiny/types.rdb
