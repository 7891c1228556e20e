rdbmeter servers
