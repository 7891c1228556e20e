rdbmeter verify --deep testdata/showcase.rdb
