rdbmeter --help
