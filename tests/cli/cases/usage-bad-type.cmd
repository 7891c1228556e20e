rdbmeter keys --type strnig testdata/tiny/empty.rdb
