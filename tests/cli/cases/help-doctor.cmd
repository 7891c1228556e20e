rdbmeter doctor --help
