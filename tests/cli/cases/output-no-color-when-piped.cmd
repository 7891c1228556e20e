rdbmeter report --now 2026-11-20T09:00:00Z testdata/showcase.rdb | grep -q $'\033' && echo 'an escape sequence'; exit 0
