rdbmeter keys --key-format hex testdata/tiny/names.rdb
