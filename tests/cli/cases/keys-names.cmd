rdbmeter keys testdata/tiny/names.rdb
