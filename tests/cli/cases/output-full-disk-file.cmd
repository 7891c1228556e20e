rdbmeter keys testdata/tiny/types.rdb -o /dev/full
