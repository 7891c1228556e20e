rdbmeter verify testdata/tiny/types.rdb >/dev/full
