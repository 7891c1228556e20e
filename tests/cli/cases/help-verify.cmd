rdbmeter verify --help
