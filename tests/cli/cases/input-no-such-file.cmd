rdbmeter report nowhere.rdb
