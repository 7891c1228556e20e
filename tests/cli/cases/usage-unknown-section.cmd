rdbmeter report --sections tpyes testdata/tiny/empty.rdb
