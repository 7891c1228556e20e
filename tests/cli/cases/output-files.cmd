rdbmeter report --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb -o report.json -o report.txt && ls && head -c 2 report.json
