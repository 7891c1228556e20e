rdbmeter report --format csv --section x testdata/tiny/types.rdb
