rdbmeter policy --help
