rdbmeter keys testdata/tiny/v1.rdb
