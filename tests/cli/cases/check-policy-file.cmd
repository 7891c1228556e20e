cat > policy.json <<'POLICY'
{
    // comments are allowed
    "_why": "so are notes",
    "max_key_bytes": "100kb", /* of a key */
    "max_element_bytes": 200000,
    "min_keys": 20000,
    "max_no_ttl_share": "50%",
    "except": ["orders", "queue:*"],
    "patterns": {
        "session:*": {"max_no_ttl_share": 0.1, "max_keys": 1000},
        "user:*": {"type": "hash", "db": 0, "max_elements": 5}
    }
}
POLICY
rdbmeter check testdata/showcase.rdb -p policy.json --top 3 --now 2026-11-20T09:00:00Z
