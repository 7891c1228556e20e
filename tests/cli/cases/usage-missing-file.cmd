rdbmeter keys
