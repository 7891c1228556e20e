rdbmeter diff testdata/healthy.rdb testdata/healthy.rdb
