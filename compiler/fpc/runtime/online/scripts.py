"""The programs that run inside the Redis server, each as one atomic step. Lua 5.1, Redis 6.2 and later, Valkey.

They are sent as text each time (`EVAL`): a few hundred bytes beside a batch of rows, and a restarted or failed-over
server needs no loading. The server keeps a compiled copy by itself.
"""

from __future__ import annotations

from typing import Final

from fpc.contract.rows import AS_OF_OFFSET, HEADER, SIZE_OFFSET

# KEYS: [lease,] row keys. ARGV: lease value or empty, lease ms, as of (its upper and its lower 32 bits: Lua's numbers
# are doubles), expiry ms or 0, the rows one after another.
# Returns how many rows were refused for being older than what is there; -1 if the lease is lost and none was written.
# Commands are given a slice of keys each, as Lua's stack is small.
PUSH: Final = f"""
local at = 1
if ARGV[1] ~= '' then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  at = 2
end
local upper, lower, expiry, rows = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]
local unpack, number_of, sub = unpack, struct.unpack, string.sub
local start, refused, last = 1, 0, #KEYS
while at <= last do
  local stop = math.min(at + 999, last)
  local held = redis.call('MGET', unpack(KEYS, at, stop))
  local set, n = {{}}, 0
  for i = at, stop do
    local size = number_of('<I4', rows, start + {SIZE_OFFSET})
    local row, low, high = held[i - at + 1], 0, -2147483649
    if row and #row >= {HEADER.size} then low, high = number_of('<I4i4', row, {AS_OF_OFFSET + 1}) end
    if high > upper or (high == upper and low > lower) then
      refused = refused + 1
    else
      set[n + 1], set[n + 2], n = KEYS[i], sub(rows, start, start + size - 1), n + 2
    end
    start = start + size
  end
  if expiry == '0' then
    if n > 0 then redis.call('MSET', unpack(set, 1, n)) end
  else
    for i = 1, n, 2 do redis.call('SET', set[i], set[i + 1], 'PX', expiry) end
  end
  at = stop + 1
end
return refused
"""

# KEYS: key [, lease]. ARGV: '1' and what it must hold, or '0' for nothing; the new value; the lease's value.
REPLACE: Final = """
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
local held = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if held ~= ARGV[2] then return 0 end
elseif held then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3])
return 1
"""

# KEYS: lease. ARGV: value, ms, rank: the twenty digits before the colon, compared ten by ten.
ACQUIRE: Final = """
local held = redis.call('GET', KEYS[1])
if held then
  local rank = string.match(held, '^%d+')
  if rank and #rank == 20 then
    local upper, lower = tonumber(string.sub(rank, 1, 10)), tonumber(string.sub(rank, 11))
    local wanted_upper, wanted_lower = tonumber(string.sub(ARGV[3], 1, 10)), tonumber(string.sub(ARGV[3], 11))
    if upper > wanted_upper or (upper == wanted_upper and lower > wanted_lower) then return 0 end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# KEYS: lease, keys. ARGV: value, ms. A slice of keys at a time, as Lua's stack is small.
DELETE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for at = 2, #KEYS, 1000 do redis.call('UNLINK', unpack(KEYS, at, math.min(at + 999, #KEYS))) end
return 1
"""

# KEYS: lease. ARGV: value, ms. For clusters, where rows lie in other slots than the lease.
RENEW: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
