rdbmeter keys testdata/tiny/empty.rdb
