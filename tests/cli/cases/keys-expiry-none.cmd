rdbmeter keys --expiry none --match 'exp*' testdata/tiny/types.rdb
