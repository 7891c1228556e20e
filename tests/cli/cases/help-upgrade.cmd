rdbmeter upgrade --help
