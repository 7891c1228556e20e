rdbmeter trend --help
