rdbmeter report --set hash-max-listpack-entries=many testdata/tiny/empty.rdb
