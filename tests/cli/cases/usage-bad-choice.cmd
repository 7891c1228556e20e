rdbmeter keys --key-format octal testdata/tiny/empty.rdb
