"""The keys of the record of inquiries, and its steps that must be one, as scripts of the store.

checkmail:inquiry:<id>    the whole of it: version and body; expires with its content
checkmail:verdict:<id>    the same thinned (`bot.adapters.records`); expires with the verdict; has f once forgotten
checkmail:material:<id>   what was fetched; expires with the content
checkmail:saying:<id>     what was said, or is being said, by mark
checkmail:remark:<digest> the same for what belongs to no inquiry
checkmail:key:<digest>    the inquiry that a submission's key opened
checkmail:thread:<place>  the inquiry whose thread it is
checkmail:asker:<who>     a person's inquiries, by time
checkmail:waiting         those without an answer yet, or with a new wish, by when to worry about them
"""

import hashlib

from bot.model import Asker, Place

WAITING = "checkmail:waiting"
COMPACT, COMPACTED = "checkmail:compact", "checkmail:compacted"
"""That the log on disk holds what was forgotten; that it was written anew a moment ago."""


def digest(text: str) -> str:
    """A key that somebody else wrote, bounded."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def first(key: str) -> str:
    return f"checkmail:first:{digest(key)}"


def key(key: str) -> str:
    return f"checkmail:key:{digest(key)}"


def full(id: str) -> str:
    return f"checkmail:inquiry:{id}"


def thin(id: str) -> str:
    return f"checkmail:verdict:{id}"


def material(id: str) -> str:
    return f"checkmail:material:{id}"


def saying(id: str, mark: str = "") -> str:
    """Of an inquiry all together; what belongs to none is a key of its own, which soon expires."""
    return f"checkmail:saying:{id}" if id else f"checkmail:remark:{digest(mark)}"


def starts(id: str, revision: int) -> str:
    return f"checkmail:starts:{id}:{revision}"


def thread(place: Place) -> str:
    return f"checkmail:thread:{place.channel}:{place.thread}"


def asker(asker: Asker) -> str:
    """What only a forwarded mail says is apart: it may be forgotten, but isn't among what this person asked."""
    return f"checkmail:{'asker' if asker.verified else 'claimed'}:{asker.team}:{asker.user}"


OPEN = """
local known = redis.call('GET', KEYS[1])
if known then return known end
if redis.call('EXISTS', KEYS[3]) == 1 then return '' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[2], 'v', '1', 'b', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[3], 'v', '1', 'b', ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', ARGV[8])
redis.call('ZADD', KEYS[5], ARGV[9], ARGV[1])
redis.call('PEXPIRE', KEYS[5], ARGV[6])
if KEYS[6] then redis.call('SET', KEYS[6], ARGV[1], 'PX', ARGV[6]) end
return ARGV[1]
"""
SAVE = """
if (redis.call('HGET', KEYS[2], 'v') or '') ~= ARGV[1] then return 0 end
local version = tostring(tonumber(ARGV[1]) + 1)
redis.call('HSET', KEYS[2], 'v', version, 'b', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if tonumber(ARGV[4]) > 0 then
  redis.call('HSET', KEYS[1], 'v', version, 'b', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[4], ARGV[4])
else
  redis.call('DEL', KEYS[1], KEYS[4])
end
if ARGV[9] == '1' then redis.call('HSET', KEYS[2], 'f', '1') end
if ARGV[8] == 'over' then redis.call('ZREM', KEYS[3], ARGV[7])
elseif ARGV[8] == 'anew' then redis.call('ZADD', KEYS[3], ARGV[6], ARGV[7])
else redis.call('ZADD', KEYS[3], 'NX', ARGV[6], ARGV[7]) end
for i = 5, #KEYS do redis.call('SET', KEYS[i], ARGV[7], 'NX', 'PX', ARGV[5]) end
return 1
"""
KEEP = """
local left = redis.call('PTTL', KEYS[2])
if left <= 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], left)
return 1
"""
CLAIM = """
if KEYS[2] and redis.call('HEXISTS', KEYS[2], 'f') == 1 then return false end
local said = redis.call('HGET', KEYS[1], ARGV[1])
if said then return said end
redis.call('HSET', KEYS[1], ARGV[1], '')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return false
"""
SAID = """
if KEYS[2] and redis.call('HEXISTS', KEYS[2], 'f') == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[3]) end
return 1
"""
TALLY = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""
