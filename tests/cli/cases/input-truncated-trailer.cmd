head -c -3 testdata/tiny/types.rdb >cut.rdb; rdbmeter verify cut.rdb
