rdbmeter keys testdata/tiny/empty.rdb testdata/tiny/v1.rdb
