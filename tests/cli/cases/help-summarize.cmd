rdbmeter summarize --help
