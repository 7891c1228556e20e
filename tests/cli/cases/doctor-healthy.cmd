rdbmeter doctor testdata/healthy.rdb
