head -c 6000 testdata/tiny/types.rdb >cut.rdb; rdbmeter verify cut.rdb
