rdbmeter keys testdata/tiny/v5.rdb
