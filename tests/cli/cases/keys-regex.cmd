rdbmeter keys --regex '^(list|set):' testdata/tiny/types.rdb
