rdbmeter report --format jsn testdata/tiny/empty.rdb
