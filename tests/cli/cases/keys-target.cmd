rdbmeter keys --target redis-7.2 --match 'list:*' testdata/tiny/types.rdb
