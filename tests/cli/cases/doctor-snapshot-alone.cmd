rdbmeter doctor testdata/showcase.rdb
