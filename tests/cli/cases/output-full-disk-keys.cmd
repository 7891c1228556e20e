rdbmeter keys testdata/tiny/types.rdb >/dev/full
