cat testdata/tiny/v5.rdb | rdbmeter verify -
