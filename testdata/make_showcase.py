#!/usr/bin/env python3
"""Makes showcase.rdb and healthy.rdb with a real redis-server (Debian's 7.0), from a fixed seed.

showcase.rdb is a small web shop with the classic mistakes planted at sizes that matter; README.md beside this file lists
them. healthy.rdb is the same kind of shop run by somebody careful: there is nothing in it worth recommending.
Times to live are relative to the moment of making; everything else depends on the seed only.

usage: make_showcase.py [DIRECTORY]
"""
import json
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'pylib'))
from redis_server import RedisServer  # noqa: E402

SEED = 20261120
HOUR, DAY = 3600, 86400

FIRST = 'Ada Ben Chloe Dana Elif Femi Grace Hugo Ines Jonas Kaya Liam Mara Noor Omar Pia Quinn Rosa Sven Tara Uwe Vera Wim Xenia Yara Zoe'.split()
LAST = 'Abe Berg Costa Dietz Ekici Fofana Garcia Huang Ito Jensen Kaya Lopez Meyer Novak Okafor Patel Quist Rossi Singh Tanaka Ueda Vogel Weiss Xu Yilmaz Zhou'.split()
CITIES = 'Aachen Bilbao Cork Dresden Essen Faro Ghent Hanover Izmir Jena Krakow Lyon Malmo Nantes Oslo Porto Rouen Siena Turin Utrecht Vigo Warsaw'.split()
WORDS = 'amber birch cedar delta ember fjord grove harbor iris juniper kelp linen maple nordic ocean pebble quartz river slate timber umber velvet willow zinc'.split()
AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4)', 'Mozilla/5.0 (Windows NT 10.0)', 'okhttp/4.12.0']


class Shop:
    """Collects commands; idle times are set at the end through DUMP and RESTORE."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.commands = {0: [], 1: []}
        self.idle = {0: {}, 1: {}}
        self.db = 0

    def do(self, *arguments):
        self.commands[self.db].append(arguments)

    def used_ago(self, key, seconds):
        self.idle[self.db][key] = int(seconds)

    def hexes(self, n):
        return '%0*x' % (n, self.random.getrandbits(4 * n))

    def letters(self, n):
        return ''.join(self.random.choices('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', k=n))

    def name(self):
        return '%s %s' % (self.random.choice(FIRST), self.random.choice(LAST))

    def product(self):
        return '%s %s' % (self.random.choice(WORDS), self.random.choice(['lamp', 'chair', 'table', 'mug', 'rug', 'shelf', 'vase', 'clock']))

    def apply(self, redis):
        for db in sorted(self.commands):
            redis('SELECT', db)
            redis.run(self.commands[db])
            keys = sorted(self.idle[db])
            dumps = redis.run([('DUMP', k) for k in keys])
            ttls = redis.run([('PTTL', k) for k in keys])
            redis.run([('RESTORE', k, max(ttl, 0), dump, 'REPLACE', 'IDLETIME', self.idle[db][k])
                       for k, dump, ttl in zip(keys, dumps, ttls) if dump])


def sessions(shop):
    r = shop.random
    for i in range(1900):
        key = 'session:' + shop.hexes(32)
        shop.do('HSET', key, 'uid', r.randrange(1, 90000), 'cart', r.randrange(1, 500000), 'agent', r.choice(AGENTS),
                'ip', '10.%d.%d.%d' % (r.randrange(256), r.randrange(256), r.randrange(256)), 'csrf', shop.hexes(32),
                'seen', 1763600000 + r.randrange(86400))
        if i % 4:  # one in four was written by the old login code, which forgot EXPIRE
            shop.do('EXPIRE', key, r.randrange(HOUR, DAY))
            shop.used_ago(key, r.randrange(0, 6 * HOUR))
        else:
            shop.used_ago(key, r.randrange(5 * DAY, 200 * DAY))


def profiles(shop):
    r = shop.random
    for uid in range(1, 1001):
        shop.do('HSET', 'user:profile:%d' % uid, 'name', shop.name(), 'city', r.choice(CITIES), 'lang', r.choice(['en', 'de', 'es', 'tr']),
                'joined', '20%02d-%02d-%02d' % (r.randrange(15, 27), r.randrange(1, 13), r.randrange(1, 29)), 'orders', r.randrange(0, 90),
                'newsletter', r.randrange(2), 'avatar', 'https://images.shop.example/avatars/%s/%s.webp' % (shop.hexes(8), shop.hexes(24)))
        shop.used_ago('user:profile:%d' % uid, r.randrange(0, 40 * DAY))
    for uid in range(1, 1701):
        first, last = shop.name().split()
        shop.do('SET', 'user:%d:name' % uid, '%s %s' % (first, last))
        shop.do('SET', 'user:%d:email' % uid, '%s.%s%d@mail.example' % (first.lower(), last.lower(), uid))
        shop.do('SET', 'user:%d:city' % uid, r.choice(CITIES))


def leaderboards(shop):
    r = shop.random
    for board in ('reviews', 'referrals', 'spins'):
        for week in range(1, 25):
            key = 'leaderboard:%s:2026-w%02d' % (board, week)
            members = r.randrange(132, 190)
            for uid in r.sample(range(1, 90000), members):
                shop.do('ZADD', key, r.randrange(1, 100000), 'user:%d' % uid)
            shop.used_ago(key, (25 - week) * 7 * DAY)
    for term in WORDS:
        for uid in r.sample(range(1, 2000), 40):
            shop.do('ZADD', 'search:%s' % term, round(r.random(), 4), uid)


def catalogue(shop):
    r = shop.random
    for pid in range(1, 421):
        document = {'id': pid, 'title': shop.product().title(), 'sku': shop.letters(10), 'price': {'amount': r.randrange(500, 90000), 'currency': 'EUR'},
                    'stock': r.randrange(400), 'tags': r.sample(WORDS, 3), 'rating': round(r.uniform(2, 5), 2), 'description': ' '.join(r.choices(WORDS, k=24)),
                    'image': 'https://images.shop.example/p/%s.webp' % shop.hexes(16)}
        shop.do('SET', 'product:%d:json' % pid, json.dumps(document))
        shop.do('SADD', 'product:%d:related' % pid, *r.sample(range(1, 421), 12))
        if pid <= 280:
            shop.do('SADD', 'product:%d:viewers' % pid, 'guest', *r.sample(range(1, 90000), r.randrange(50, 90)))
    shop.do('SET', 'catalog:export', shop.letters(180000))
    for tag in WORDS:
        shop.do('SADD', 'tag:' + tag, *['%s-%d' % (r.choice(WORDS), i) for i in r.sample(range(500), 40)])


def caches(shop):
    r = shop.random
    for i in range(420):
        key = 'cache:rendered:https://www.shop.example/en/category/%s/%s/page/%d?sort=price_desc&currency=EUR&utm_source=newsletter&utm_campaign=%s' % (
            r.choice(WORDS), r.choice(WORDS), i, shop.hexes(12))
        shop.do('SET', key, '<div class="grid">%s</div>' % shop.letters(r.randrange(300, 700)))
        shop.used_ago(key, r.randrange(10 * DAY, 120 * DAY))
    for day in range(1, 15):
        for hour in range(24):
            for page in ('home', 'search', 'cart', 'checkout'):
                shop.do('SET', 'counter:views:2026-11-%02d:%02d:%s' % (day, hour, page), r.randrange(1, 60000))
    for i in range(150):
        key = 'ratelimit:10.%d.%d.%d' % (r.randrange(256), r.randrange(256), i)
        shop.do('SET', key, r.randrange(1, 60))
        shop.do('EXPIRE', key, r.randrange(HOUR, 2 * HOUR))
    for day in range(1, 6):
        shop.do('PFADD', 'visitors:2026-11-%02d' % day, *[shop.letters(8) for _ in range(6000)])


def queues(shop):
    r = shop.random
    for name, jobs in (('queue:email', 60), ('queue:email:dead', 1900), ('queue:thumbnails', 12)):
        for i in range(jobs):
            shop.do('RPUSH', name, json.dumps({'job': shop.hexes(16), 'to': 'user%d@mail.example' % r.randrange(90000), 'template': r.choice(WORDS), 'try': 5 if 'dead' in name else 0}))
    for i in range(3000):
        shop.do('HSET', 'wishlist:all', 'u%d:p%d' % (r.randrange(90000), r.randrange(420)), 1763000000 + r.randrange(900000))
    for i in range(300):
        shop.do('HSET', 'cart:%d' % r.randrange(1, 500000), *[x for p in r.sample(range(420), r.randrange(1, 6)) for x in ('p%d' % p, r.randrange(1, 4))])


def streams(shop):
    r = shop.random
    start = 1763500000000
    for i in range(4200):
        shop.do('XADD', 'orders', '%d-0' % (start + i * 1500), 'user', r.randrange(90000), 'total', r.randrange(500, 90000), 'items', r.randrange(1, 9), 'state', r.choice(['new', 'paid', 'sent']))
    shop.do('XGROUP', 'CREATE', 'orders', 'billing', '0')
    shop.do('XGROUP', 'CREATE', 'orders', 'analytics', '0')
    shop.do('XREADGROUP', 'GROUP', 'billing', 'billing-1', 'COUNT', 4200, 'STREAMS', 'orders', '>')
    shop.do('XACK', 'orders', 'billing', *['%d-0' % (start + i * 1500) for i in range(4180)])
    # analytics-7 crashed after reading and never came back
    shop.do('XREADGROUP', 'GROUP', 'analytics', 'analytics-7', 'COUNT', 2600, 'STREAMS', 'orders', '>')
    shop.do('XREADGROUP', 'GROUP', 'analytics', 'analytics-1', 'COUNT', 1600, 'STREAMS', 'orders', '>')
    shop.do('XACK', 'orders', 'analytics', *['%d-0' % (start + i * 1500) for i in range(2600, 4190)])
    for i in range(2500):
        shop.do('XADD', 'clicks', '%d-0' % (start + i * 90), 'page', r.choice(WORDS), 'uid', r.randrange(90000))


def task_results(shop):
    """What a task queue leaves behind in its own database when nobody sets an expiry on results."""
    r = shop.random
    shop.db = 1
    for _ in range(1100):
        task = '%s-%s-%s-%s-%s' % tuple(shop.hexes(n) for n in (8, 4, 4, 4, 12))
        shop.do('SET', 'celery-task-meta-' + task, json.dumps({'status': 'SUCCESS', 'result': {'sent': r.randrange(2), 'ms': r.randrange(900)}, 'traceback': None,
                                                              'children': [], 'date_done': '2026-11-%02dT%02d:00:00' % (r.randrange(1, 20), r.randrange(24)), 'task_id': task}))
        shop.used_ago('celery-task-meta-' + task, r.randrange(DAY, 60 * DAY))
    shop.db = 0


def expired(redis, shop):
    """Keys past their expiry that the server has not come round to delete: a snapshot still holds them."""
    redis('SELECT', 0)
    redis('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
    for i in range(260):
        redis('SET', 'otp:%s' % shop.hexes(16), shop.hexes(40), 'PX', 1)
    time.sleep(0.05)


def make_showcase(path):
    shop = Shop(SEED)
    for part in (sessions, profiles, leaderboards, catalogue, caches, queues, streams, task_results):
        part(shop)
    with RedisServer(options={'maxmemory-policy': 'volatile-lru'}) as redis:
        shop.apply(redis)
        redis('DEBUG', 'RELOAD')  # so that used-mem in the file is that of a loaded snapshot
        expired(redis, shop)
        redis.save(path)


def make_healthy(path):
    shop = Shop(SEED + 1)
    r = shop.random
    for i in range(220):
        key = 's:' + shop.hexes(16)
        fields = [x for n in range(18) for x in ('f%02d' % n, shop.letters(r.randrange(10, 40)))]
        shop.do('HSET', key, *fields)
        shop.do('EXPIRE', key, r.randrange(HOUR, 7 * DAY))
    for i in range(60):
        key = 'related:%d' % i
        shop.do('SADD', key, *r.sample(range(100000), 80))
        shop.do('EXPIRE', key, 7 * DAY)
        key = 'board:%d' % i
        for uid in r.sample(range(100000), 60):
            shop.do('ZADD', key, r.randrange(1, 100000), uid)
        shop.do('EXPIRE', key, 7 * DAY)
        key = 'feed:%d' % i
        shop.do('RPUSH', key, *[shop.letters(30) for _ in range(40)])
        shop.do('EXPIRE', key, 7 * DAY)
        key = 'page:%d' % i
        shop.do('SET', key, shop.letters(950))
        shop.do('EXPIRE', key, DAY)
    start = 1763500000000
    for i in range(400):
        shop.do('XADD', 'orders', 'MAXLEN', '~', 400, '%d-0' % (start + i * 1500), 'user', r.randrange(90000), 'total', r.randrange(90000))
    shop.do('XGROUP', 'CREATE', 'orders', 'billing', '0')
    shop.do('XREADGROUP', 'GROUP', 'billing', 'b1', 'COUNT', 400, 'STREAMS', 'orders', '>')
    shop.do('XACK', 'orders', 'billing', *['%d-0' % (start + i * 1500) for i in range(398)])
    shop.do('EXPIRE', 'orders', 7 * DAY)
    with RedisServer() as redis:
        shop.apply(redis)
        redis('DEBUG', 'RELOAD')
        redis.save(path)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    make_showcase(os.path.join(folder, 'showcase.rdb'))
    make_healthy(os.path.join(folder, 'healthy.rdb'))


if __name__ == '__main__':
    main()
