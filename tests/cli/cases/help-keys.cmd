rdbmeter help keys
