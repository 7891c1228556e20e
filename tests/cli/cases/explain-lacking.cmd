rdbmeter explain --target redis-4.0 testdata/tiny/types.rdb stream:groups
