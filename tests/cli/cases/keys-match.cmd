rdbmeter keys --match 'hash:*' testdata/tiny/types.rdb
