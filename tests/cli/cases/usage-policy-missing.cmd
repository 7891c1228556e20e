rdbmeter check testdata/showcase.rdb -p nowhere.json
