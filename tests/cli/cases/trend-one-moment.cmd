rdbmeter trend testdata/healthy.rdb testdata/tiny/v1.rdb
