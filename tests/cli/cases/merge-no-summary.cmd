rdbmeter merge testdata/healthy.rdb
