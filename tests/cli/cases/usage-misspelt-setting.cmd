rdbmeter report --set hash-max-lispack-entries=5 testdata/tiny/empty.rdb
