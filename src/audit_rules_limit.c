/* Rules about maxmemory and what happens at it: from INFO, else from redis.conf. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "collect/words.h"

#define WORDS(member, ...) snprintf(member, sizeof member, __VA_ARGS__)

enum { MB = 1 << 20 };

static uint64_t system_bytes(const struct audit *audit)
{
    return audit->info ? info_bytes(audit->info, INFO_TOTAL_SYSTEM_MEMORY) : 0;
}

/* What the server holds: INFO's number, else what the data would take. */
static uint64_t used_bytes(const struct audit *audit)
{
    uint64_t used = audit->info ? info_bytes(audit->info, INFO_USED_MEMORY) : 0;
    return used ? used : audit->data_bytes;
}

/* What the expiries of the data ask for: keys without one cannot be lost, keys with one can. */
static const char *fitting_policy(const struct audit *audit, const char **why)
{
    double without = audit_percent(audit->ttl[TTL_NONE].bytes, audit->totals.bytes);
    if (without > 50) {
        *why = "most bytes are in keys without a TTL, which look like data that must stay: let writes fail instead";
        return "noeviction";
    }
    if (without > 1) {
        *why = "some keys have no TTL: evict only those that have one";
        return "volatile-lru";
    }
    *why = "all keys have a TTL, as in a cache: any may go";
    return "allkeys-lru";
}

/* A limit with room beside it for the fork of a snapshot, buffers and fragmentation: three quarters of the machine; as
 * megabytes, "3072mb". Without the machine's size there is none to give. */
static bool print_limit(const struct audit *audit, char text[32])
{
    uint64_t limit = system_bytes(audit) / 4 * 3;
    if (limit < 4 * (uint64_t)MB || limit < used_bytes(audit))
        return false;
    snprintf(text, 32, "%" PRIu64 "mb", limit / MB);
    return true;
}

static bool no_limit(const struct audit *audit, struct finding *finding)
{
    uint64_t limit;
    char policy[AUDIT_POLICY_MAX], text[32], used[AUDIT_BYTES_MAX], machine[AUDIT_BYTES_MAX];
    const char *why;
    if (!audit_maxmemory(audit, &limit, policy) || limit)
        return false;
    bool has_system = system_bytes(audit) != 0;
    WORDS(finding->evidence, "maxmemory is 0, the policy %s: %s now%s%s, and nothing but the machine stops it.", policy,
          audit_bytes(used_bytes(audit), used), has_system ? " of " : "",
          has_system ? audit_bytes(system_bytes(audit), machine) : "");
    const char *fitting = fitting_policy(audit, &why);
    bool has_text = print_limit(audit, text);
    WORDS(finding->remedy, "Set a limit%s, and a policy: %s.",
          has_text ? ", here three quarters of the machine (of its container, if smaller)"
                   : " of about three quarters of the machine's memory",
          why);
    if (has_text)
        WORDS(finding->paste, "maxmemory %s\nmaxmemory-policy %s", text, fitting);
    return true;
}

/* What maxmemory is compared with; without INFO what the data would take. */
static uint64_t counted_bytes(const struct audit *audit)
{
    uint64_t used = used_bytes(audit), not_counted = audit->info ? info_bytes(audit->info, INFO_MEM_NOT_COUNTED) : 0;
    return used - (not_counted < used ? not_counted : 0);
}

static bool near_limit(const struct audit *audit, struct finding *finding)
{
    uint64_t limit, used = counted_bytes(audit);
    char policy[AUDIT_POLICY_MAX], room[AUDIT_BYTES_MAX], of[AUDIT_BYTES_MAX];
    if (!audit_maxmemory(audit, &limit, policy) || limit == 0 || used == 0)
        return false;
    if (used < limit / 10 * 9)
        return false;
    bool refuses = strcmp(policy, "noeviction") == 0;
    if (used > limit)
        finding->severity = DOC_CRITICAL;
    WORDS(finding->evidence, "%.0f%% of maxmemory (%s) is in use, %s left.", audit_percent(used, limit),
          audit_bytes(limit, of), audit_bytes(used < limit ? limit - used : 0, room));
    WORDS(finding->remedy, "At the limit %s. Raise maxmemory, or make the data smaller: the other findings say how.",
          refuses ? "commands that write fail (noeviction)" : "keys are evicted");
    return true;
}

static bool headroom(const struct audit *audit, struct finding *finding)
{
    uint64_t limit, used = counted_bytes(audit);
    char policy[AUDIT_POLICY_MAX], room[AUDIT_BYTES_MAX], of[AUDIT_BYTES_MAX], now[AUDIT_BYTES_MAX];
    if (!audit_maxmemory(audit, &limit, policy) || limit == 0 || used >= limit / 10 * 9)
        return false;
    WORDS(finding->evidence, "%s of %s are in use (%s): %s are left.", audit_bytes(used, now), audit_bytes(limit, of),
          audit->info && info_has(audit->info, INFO_USED_MEMORY) ? "by INFO" : "by the data alone",
          audit_bytes(limit - used, room));
    WORDS(finding->remedy, "When they run out is told by snapshots of several days: rdbmeter summarize each, then "
                           "rdbmeter trend.");
    return true;
}

static bool evicts(const struct audit *audit, struct finding *finding)
{
    uint64_t count = audit->info ? info_bytes(audit->info, INFO_EVICTED_KEYS) : 0;
    if (count == 0)
        return false;
    WORDS(finding->evidence, "%" PRIu64 " %s been evicted since the server was started.", count,
          words_for(count, "key has", "keys have"));
    WORDS(finding->remedy, "Right for a cache; elsewhere it is lost data.");
    return true;
}

static bool above_machine(const struct audit *audit, struct finding *finding)
{
    uint64_t limit, machine = system_bytes(audit);
    char policy[AUDIT_POLICY_MAX], a[AUDIT_BYTES_MAX], b[AUDIT_BYTES_MAX];
    if (machine == 0 || !audit_maxmemory(audit, &limit, policy) || limit <= machine / 10 * 9)
        return false;
    WORDS(finding->evidence, "maxmemory is %s on a machine of %s.", audit_bytes(limit, a), audit_bytes(machine, b));
    WORDS(finding->remedy, "Fragmentation, buffers and the fork of a snapshot come on top of it: the system's killer "
                           "would act first. Three quarters of the machine leave room.");
    return true;
}

static bool machine_full(const struct audit *audit, struct finding *finding)
{
    uint64_t machine = system_bytes(audit), rss = audit->info ? info_bytes(audit->info, INFO_USED_MEMORY_RSS) : 0;
    char a[AUDIT_BYTES_MAX], b[AUDIT_BYTES_MAX];
    if (machine == 0 || rss < machine / 10 * 8)
        return false;
    WORDS(finding->evidence, "The process has %s of the machine's %s.", audit_bytes(rss, a), audit_bytes(machine, b));
    WORDS(finding->remedy, "A snapshot's fork can take as much again while clients write. Make room before it is the "
                           "system that does.");
    return true;
}

/* Policies that choose among keys with a TTL, where there are few. */
static bool volatile_without_ttl(const struct audit *audit, struct finding *finding)
{
    uint64_t limit;
    char policy[AUDIT_POLICY_MAX], bytes[AUDIT_BYTES_MAX];
    double without = audit_percent(audit->ttl[TTL_NONE].bytes, audit->totals.bytes);
    if (!audit_maxmemory(audit, &limit, policy) || limit == 0 || strncmp(policy, "volatile-", 9) != 0 || without <= 50)
        return false;
    WORDS(finding->evidence, "The policy is %s, but %s (%.0f%% of the data) have no TTL.", policy,
          audit_bytes(audit->ttl[TTL_NONE].bytes, bytes), without);
    WORDS(finding->remedy, "Only keys with a TTL can be evicted: when these are gone, commands that write fail. Give "
                           "keys a TTL, or choose an allkeys- policy.");
    return true;
}

/* Which limit a restart would bring, when that is not the one in force. */
static bool config_differs(const struct audit *audit, struct finding *finding)
{
    char in_force[AUDIT_BYTES_MAX], written[AUDIT_BYTES_MAX];
    if (audit->info == NULL || audit->inputs->config.text == NULL || !info_has(audit->info, INFO_MAXMEMORY))
        return false;
    int64_t configured = audit->settings->value[SETTING_MAXMEMORY];
    if (audit->info->value[INFO_MAXMEMORY].integer == configured)
        return false;
    WORDS(finding->evidence, "maxmemory is %s in the server and %s in redis.conf.",
          audit_bytes(info_bytes(audit->info, INFO_MAXMEMORY), in_force),
          audit_bytes(configured > 0 ? (uint64_t)configured : 0, written));
    WORDS(finding->remedy, "A restart brings back what the file says. CONFIG REWRITE makes it say what is in force.");
    return true;
}

const struct audit_rule audit_limit_rules[] = {
    {"no_limit", "No memory limit", DOC_WARNING, AUDIT_LIMIT, false, no_limit},
    {"near_limit", "Little room below the limit", DOC_WARNING, AUDIT_LIMIT, false, near_limit},
    {"headroom", "Room below the limit", DOC_INFO, AUDIT_LIMIT, false, headroom},
    {"above_machine", "The limit is above what the machine has", DOC_WARNING, AUDIT_LIMIT, false, above_machine},
    {"machine_full", "The machine is nearly full", DOC_CRITICAL, AUDIT_LIMIT, true, machine_full},
    {"volatile_without_ttl", "Most data cannot be evicted", DOC_WARNING, AUDIT_LIMIT, false, volatile_without_ttl},
    {"config_differs", "redis.conf has another limit", DOC_WARNING, AUDIT_LIMIT, false, config_differs},
    {"evicts", "Keys have been evicted", DOC_INFO, AUDIT_LIMIT, true, evicts},
    {.id = NULL},
};
