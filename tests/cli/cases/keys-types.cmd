rdbmeter keys testdata/tiny/types.rdb
