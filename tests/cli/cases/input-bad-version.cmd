{ printf REDIS00x1; tail -c +10 testdata/tiny/empty.rdb; } >odd.rdb; rdbmeter report odd.rdb
