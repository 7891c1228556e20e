rdbmeter check --help
