head -c 6 testdata/tiny/types.rdb >cut.rdb; rdbmeter report cut.rdb
