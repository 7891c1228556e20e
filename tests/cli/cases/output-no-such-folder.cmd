rdbmeter report testdata/tiny/types.rdb -o nowhere/report.json
