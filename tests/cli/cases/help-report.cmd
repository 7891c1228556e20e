rdbmeter report --help
