rdbmeter keys --regex '(' testdata/tiny/empty.rdb
