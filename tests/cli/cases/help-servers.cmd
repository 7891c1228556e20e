rdbmeter servers --help
