(set +o pipefail; { rdbmeter keys testdata/showcase.rdb; echo "status $?" >&2; } | true)
