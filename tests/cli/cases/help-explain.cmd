rdbmeter explain --help
