rdbmeter report --top many testdata/tiny/empty.rdb
