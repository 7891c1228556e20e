rdbmeter policy --format json > rules.json; head -30 rules.json
