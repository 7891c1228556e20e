rdbmeter diff --help
