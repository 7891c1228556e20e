#include "model/settings.h"
#include "model_fixture.h"

static int64_t set(const char *name, const char *value, enum setting_result expected)
{
    struct settings settings;
    memset(&settings, 0x5a, sizeof settings);
    struct settings before = settings;
    enum setting which = SETTING_COUNT;
    ck_assert_int_eq(settings_set(&settings, name, value, &which), expected);
    if (expected != SETTING_OK)
        ck_assert_int_eq(memcmp(&settings, &before, sizeof settings), 0);
    return expected == SETTING_OK ? settings.value[which] : -1;
}

START_TEST(test_names_and_aliases)
{
    ck_assert_int_eq(set("hash-max-listpack-entries", "77", SETTING_OK), 77);
    ck_assert_int_eq(set("hash-max-ziplist-entries", "78", SETTING_OK), 78);
    ck_assert_int_eq(set("HASH-MAX-ziplist-VALUE", "79", SETTING_OK), 79);
    ck_assert_int_eq(set("list-max-ziplist-size", "-5", SETTING_OK), -5);
    ck_assert_int_eq(set("list-max-ziplist-entries", "100", SETTING_OK), 100);
    set("hash-max-listpack", "77", SETTING_UNKNOWN);
    set("", "77", SETTING_UNKNOWN);
}
END_TEST

START_TEST(test_units)
{
    ck_assert_int_eq(set("maxmemory", "100", SETTING_OK), 100);
    ck_assert_int_eq(set("maxmemory", "2k", SETTING_OK), 2000);
    ck_assert_int_eq(set("maxmemory", "2KB", SETTING_OK), 2048);
    ck_assert_int_eq(set("maxmemory", "3mb", SETTING_OK), 3 << 20);
    ck_assert_int_eq(set("maxmemory", "1gb", SETTING_OK), 1 << 30);
    ck_assert_int_eq(set("maxmemory", "1g", SETTING_OK), 1000000000);
    set("maxmemory", "1tb", SETTING_BAD_VALUE);
    set("maxmemory", "99999999999gb", SETTING_BAD_VALUE);
    set("maxmemory", "-1", SETTING_BAD_VALUE);
    set("maxmemory", "", SETTING_BAD_VALUE);
    set("hash-max-listpack-entries", "1k", SETTING_BAD_VALUE);
    set("hash-max-listpack-entries", "12x", SETTING_BAD_VALUE);
    set("hash-max-listpack-entries", " 12", SETTING_BAD_VALUE);
    set("hash-max-listpack-entries", "99999999999999999999", SETTING_BAD_VALUE);
}
END_TEST

START_TEST(test_words)
{
    ck_assert_int_eq(set("maxmemory-policy", "allkeys-LFU", SETTING_OK), POLICY_ALLKEYS_LFU);
    ck_assert_int_eq(set("cluster-enabled", "yes", SETTING_OK), 1);
    set("maxmemory-policy", "lfu", SETTING_BAD_VALUE);
    set("cluster-enabled", "1", SETTING_BAD_VALUE);
}
END_TEST

START_TEST(test_format_reads_back)
{
    static const struct {
        enum setting setting;
        int64_t value;
        const char *text;
    } rows[] = {{SETTING_MAXMEMORY, 3 << 20, "3mb"}, {SETTING_MAXMEMORY, 1000, "1000"},
                {SETTING_MAXMEMORY, 0, "0"},         {SETTING_HASH_MAX_ENTRIES, 1024, "1024"},
                {SETTING_LIST_MAX_SIZE, -2, "-2"},   {SETTING_MAXMEMORY_POLICY, POLICY_VOLATILE_TTL, "volatile-ttl"},
                {SETTING_CLUSTER_ENABLED, 0, "no"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        ck_assert_str_eq(setting_format(rows[i].setting, rows[i].value, text, sizeof text), rows[i].text);
        ck_assert_int_eq(set(setting_info(rows[i].setting)->name, text, SETTING_OK), rows[i].value);
    }
}
END_TEST

START_TEST(test_nearest)
{
    ck_assert_str_eq(setting_nearest("hash-max-listpack-entires"), "hash-max-listpack-entries");
    ck_assert_str_eq(setting_nearest("hash-max-ziplst-value"), "hash-max-ziplist-value");
    ck_assert_ptr_null(setting_nearest("save"));
}
END_TEST

START_TEST(test_every_row)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_info *info = setting_info((enum setting)i);
        ck_assert_ptr_nonnull(info->name);
        ck_assert_ptr_nonnull(info->help);
        ck_assert_int_le(info->minimum, info->maximum);
        ck_assert_str_eq(setting_nearest(info->name), info->name);
    }
}
END_TEST

static bool read_conf(struct settings *settings, const char *text, bool seen[SETTING_COUNT], char message[128])
{
    memset(seen, 0, SETTING_COUNT * sizeof *seen);
    message[0] = '\0';
    return settings_read_conf(settings, text, strlen(text), seen, message, 128);
}

START_TEST(test_conf)
{
    struct settings settings = {{0}};
    bool seen[SETTING_COUNT];
    char message[128];
    ck_assert(read_conf(&settings,
                        "# comment\r\n\r\nsave 900 1\n  hash-max-ziplist-entries 100\r\n"
                        "\tmaxmemory \"2mb\"\nmaxmemory-policy 'allkeys-lru'\ninclude other.conf\n"
                        "hash-max-listpack-entries 200\nzset-max-listpack-value 32",
                        seen, message));
    ck_assert_int_eq(settings.value[SETTING_HASH_MAX_ENTRIES], 200); /* the last one counts */
    ck_assert_int_eq(settings.value[SETTING_MAXMEMORY], 2 << 20);
    ck_assert_int_eq(settings.value[SETTING_MAXMEMORY_POLICY], POLICY_ALLKEYS_LRU);
    ck_assert_int_eq(settings.value[SETTING_ZSET_MAX_VALUE], 32);
    for (int i = 0; i < SETTING_COUNT; i++)
        ck_assert_int_eq(seen[i], i == SETTING_HASH_MAX_ENTRIES || i == SETTING_MAXMEMORY ||
                                      i == SETTING_MAXMEMORY_POLICY || i == SETTING_ZSET_MAX_VALUE);
}
END_TEST

START_TEST(test_conf_bad_values)
{
    struct settings settings = {{0}};
    bool seen[SETTING_COUNT];
    char message[128];
    ck_assert(!read_conf(&settings, "save 900 1\nmaxmemory lots\n", seen, message));
    ck_assert_str_eq(message, "line 2: 'lots' is no value for maxmemory");
    ck_assert(!read_conf(&settings, "maxmemory\n", seen, message));
    ck_assert_str_eq(message, "line 1: '' is no value for maxmemory");
    ck_assert(read_conf(&settings, "", seen, message));
    ck_assert(read_conf(&settings, "\"maxmemory", seen, message) == false);
}
END_TEST

START_TEST(test_commands)
{
    char commands[200], cut[20];
    settings_commands("hash-max-listpack-value 128\nclient-output-buffer-limit normal 64mb 32mb 60", commands,
                      sizeof commands);
    ck_assert_str_eq(commands, "CONFIG SET hash-max-listpack-value 128\n"
                               "CONFIG SET client-output-buffer-limit \"normal 64mb 32mb 60\"");
    settings_commands("", commands, sizeof commands);
    ck_assert_str_eq(commands, "");
    settings_commands("maxmemory 1gb\nmaxmemory-policy noeviction", cut, sizeof cut);
    ck_assert_str_eq(cut, "CONFIG SET maxmemor");
}
END_TEST

/* What redis-cli prints of CONFIG GET, with values that are empty, of several words, and like names. */
START_TEST(test_config_get)
{
    static const char *const texts[] = {
        "dir\n/data\nsave\n3600 1 300 100\ncluster-announce-ip\n\nmaxmemory\n2097152\nmaxmemory-policy\nallkeys-lru\n",
        "maxmemory\r\n2097152\r\nlogfile\r\n\r\nmaxmemory-policy\r\nallkeys-lru"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct settings settings = {{0}};
        bool seen[SETTING_COUNT] = {false};
        char message[128] = "", value[40] = "";
        ck_assert_msg(read_conf(&settings, texts[i], seen, message), "%s", message);
        ck_assert_int_eq(settings.value[SETTING_MAXMEMORY], 2097152);
        ck_assert(seen[SETTING_MAXMEMORY_POLICY]);
        ck_assert(conf_directive(texts[i], strlen(texts[i]), "maxmemory-policy", value, sizeof value));
        ck_assert_str_eq(value, "allkeys-lru");
    }
    struct settings settings = {{0}};
    bool seen[SETTING_COUNT] = {false};
    char message[128] = "";
    ck_assert(!read_conf(&settings, "save\n900\nmaxmemory\nlots\n", seen, message));
    ck_assert_str_eq(message, "line 3: 'lots' is no value for maxmemory");
}
END_TEST

START_TEST(test_conf_directive)
{
    static const char conf[] =
        "activedefrag no\n# activedefrag yes\nsave 900 1\nActiveDefrag \"yes\"\r\nactivedefrag\n";
    char value[8] = "?";
    ck_assert(conf_directive(conf, sizeof conf - 1, "activedefrag", value, sizeof value));
    ck_assert_str_eq(value, "yes");
    ck_assert(conf_directive(conf, sizeof conf - 1, "save", value, 3));
    ck_assert_str_eq(value, "90");
    ck_assert(!conf_directive(conf, sizeof conf - 1, "dir", value, sizeof value));
    ck_assert(!conf_directive(conf, 0, "activedefrag", value, sizeof value));
    ck_assert_str_eq(value, "90");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tc = tcase_create("settings");
    tcase_add_test(tc, test_names_and_aliases);
    tcase_add_test(tc, test_units);
    tcase_add_test(tc, test_words);
    tcase_add_test(tc, test_format_reads_back);
    tcase_add_test(tc, test_nearest);
    tcase_add_test(tc, test_every_row);
    tcase_add_test(tc, test_conf);
    tcase_add_test(tc, test_conf_bad_values);
    tcase_add_test(tc, test_config_get);
    tcase_add_test(tc, test_conf_directive);
    tcase_add_test(tc, test_commands);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
