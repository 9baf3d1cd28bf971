"""What happens to a ticket in the store in one step: all of it or nothing, and only to what was read before."""

OPEN = """
-- KEYS: counter, full, thin, record, thin record, keys, wake, tells, untold
-- ARGV: number, body, thin body, entry, thin entry, schema, lists, claims with the number expected, all pointers,
--       act key, member, wakes, tells, untold member, now
if (tonumber(redis.call('GET', KEYS[1])) or 0) + 1 ~= tonumber(ARGV[1]) then return 0 end
for _, claim in ipairs(cjson.decode(ARGV[8])) do
  if (tonumber(redis.call('GET', claim[1])) or 0) ~= claim[2] then return 0 end
end
redis.call('INCR', KEYS[1])
redis.call('HSET', KEYS[2], 'v', '1', 'b', ARGV[2])
redis.call('HSET', KEYS[3], 'v', '1', 'b', ARGV[3], 's', ARGV[6], 'lists', ARGV[7], 'pointers', ARGV[9])
redis.call('RPUSH', KEYS[4], ARGV[4])
redis.call('RPUSH', KEYS[5], ARGV[5])
if ARGV[10] ~= '' then redis.call('HSET', KEYS[6], ARGV[10], '1') end
for _, list in ipairs(cjson.decode(ARGV[7])) do redis.call('ZADD', list[1], list[2], ARGV[1]) end
for _, pointer in ipairs(cjson.decode(ARGV[9])) do redis.call('SET', pointer, ARGV[1]) end
if ARGV[12] ~= '' then redis.call('ZADD', KEYS[7], ARGV[12], ARGV[11]) end
if ARGV[13] ~= '' then
  redis.call('HSET', KEYS[8], '1', ARGV[13])
  redis.call('ZADD', KEYS[9], ARGV[15], ARGV[14])
end
return 1
"""

WRITE = """
-- KEYS: full, thin, record, thin record, keys, wake, tells, untold
-- ARGV: version expected, new version, body, thin body, entry, thin entry, lists, new pointers, act key, member,
--       wakes, tells, untold member, now, ms that the content is kept (-1: no end, 0: not at all), ms that the rest is
--       (-1: no end), record as it is to be from now on, number, what pointers are dropped by (a prefix), schema
if (redis.call('HGET', KEYS[2], 'v') or '') ~= ARGV[1] then return 0 end
if ARGV[9] ~= '' and redis.call('HEXISTS', KEYS[5], ARGV[9]) == 1 then return 0 end
local function keep(key, ms)
  if tonumber(ms) < 0 then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ms) end
end
local number, rest = ARGV[18], ARGV[16]
for _, list in ipairs(cjson.decode(redis.call('HGET', KEYS[2], 'lists') or '[]')) do
  redis.call('ZREM', list[1], number)
end
for _, list in ipairs(cjson.decode(ARGV[7])) do redis.call('ZADD', list[1], list[2], number) end
local known, kept = {}, {}
for _, pointer in ipairs(cjson.decode(redis.call('HGET', KEYS[2], 'pointers') or '[]')) do
  known[pointer] = true
  if ARGV[19] ~= '' and string.sub(pointer, 1, #ARGV[19]) == ARGV[19] then
    if redis.call('GET', pointer) == number then redis.call('DEL', pointer) end
  else
    kept[#kept + 1] = pointer
  end
end
for _, pointer in ipairs(cjson.decode(ARGV[8])) do
  if not known[pointer] then kept[#kept + 1] = pointer end
  local owner = redis.call('GET', pointer)
  if not owner or tonumber(owner) < tonumber(number) then redis.call('SET', pointer, number) end
end
for _, pointer in ipairs(kept) do
  if redis.call('GET', pointer) == number then keep(pointer, rest) end
end
redis.call('HSET', KEYS[2], 'v', ARGV[2], 'b', ARGV[4], 's', ARGV[20], 'lists', ARGV[7], 'pointers',
  #kept > 0 and cjson.encode(kept) or '[]')
redis.call('RPUSH', KEYS[4], ARGV[6])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[5], ARGV[9], ARGV[2]) end
keep(KEYS[2], rest)
keep(KEYS[4], rest)
keep(KEYS[5], rest)
if ARGV[17] ~= '' then
  redis.call('DEL', KEYS[3])
  for _, line in ipairs(cjson.decode(ARGV[17])) do redis.call('RPUSH', KEYS[3], line) end
end
if ARGV[15] == '0' then
  redis.call('DEL', KEYS[1], KEYS[3])
else
  redis.call('HSET', KEYS[1], 'v', ARGV[2], 'b', ARGV[3])
  redis.call('RPUSH', KEYS[3], ARGV[5])
  keep(KEYS[1], ARGV[15])
  keep(KEYS[3], ARGV[15])
end
if ARGV[11] ~= '' then redis.call('ZADD', KEYS[6], ARGV[11], ARGV[10]) else redis.call('ZREM', KEYS[6], ARGV[10]) end
if ARGV[12] ~= '' then
  redis.call('HSET', KEYS[7], ARGV[2], ARGV[12])
  redis.call('ZADD', KEYS[8], ARGV[14], ARGV[13])
end
return 1
"""

TOLD = """
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
"""
