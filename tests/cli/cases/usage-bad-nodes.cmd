rdbmeter report --nodes 0-5460,5461-10922 testdata/tiny/empty.rdb
